import { expect, test } from '../world.ts';

// G-24: pairs side by side, by keyboard too; "not a duplicate"; a merge field by field, told in the
// history, and undone.
test('duplicates are looked at, merged and parted again', async ({ staff }) => {
  const page = staff.page;
  const person = async (input: object) => {
    const made = await staff.graphql<{ createPerson: { person: { id: string; number: number } } }>(
      'mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { id number } errors { code } } }',
      { i: input },
    );
    return made.createPerson.person;
  };
  const older = await person({ firstName: 'Gudrun', lastName: 'Zwilling', email: 'gudrun@zwilling.example' });
  const newer = await person({ firstName: 'Zwilling', lastName: 'Gudrun', email: 'gudrun@zwilling.example', mobile: '+4741234567', note: 'Sings alto.' });
  await person({ firstName: 'Homo', lastName: 'Nymsen' });
  await person({ firstName: 'Homo', lastName: 'Nymsen' });

  await page.goto(`/admin/contacts/${older.id}`);
  await expect(page.getByRole('note')).toContainText('Perhaps in the book twice: GUDRUN Zwilling');

  await page.goto('/admin/duplicates');
  await page.getByRole('button', { name: 'Compare all' }).click();
  const list = page.getByRole('list', { name: 'Duplicates' });
  const pair = list.getByRole('listitem', { name: 'ZWILLING Gudrun and GUDRUN Zwilling' });
  await expect(pair).toContainText('90 of 100');
  await expect(pair).toContainText('same e-mail');
  await expect(pair).toContainText('names swapped');

  const homonyms = list.getByRole('listitem', { name: 'NYMSEN Homo and NYMSEN Homo' });
  await homonyms.focus();
  await page.keyboard.press('n');
  await expect(homonyms).toHaveCount(0);
  await page.getByText('Not duplicates', { exact: true }).click();
  await expect(homonyms).toBeVisible();
  await homonyms.getByRole('button', { name: 'Show again as a duplicate' }).click();
  await expect(homonyms).toHaveCount(0);
  await page.getByText('To look at', { exact: true }).click();
  await expect(homonyms).toBeVisible();

  await pair.focus();
  await page.keyboard.press('m');
  await expect(page.getByRole('heading', { level: 1, name: 'Merge two contacts' })).toBeVisible();
  await expect(page.getByText('Stays (the older one)')).toBeVisible();
  await page.getByRole('radio', { name: `First name, № ${newer.number}: Zwilling` }).click();
  await page.getByRole('radio', { name: `First name, № ${older.number}: Gudrun` }).click();
  await expect(page.getByRole('radio', { name: `Mobile, № ${newer.number}: +4741234567` })).toBeChecked();
  await expect(page.getByRole('region', { name: 'What moves along' })).toBeVisible();
  await page.getByRole('button', { name: 'Merge', exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`/admin/contacts/${older.id}$`));
  await expect(page.getByText('ZWILLING Gudrun is one contact now.')).toBeVisible();
  await expect(page.getByRole('note')).toHaveCount(0);
  await page.goto(`/admin/contacts/${newer.id}`);
  await expect(page.getByText(`№ ${older.number}`)).toBeVisible();

  await page.goto(`/admin/contacts/${older.id}/administration`);
  await expect(page.getByText('merged two contacts').first()).toBeVisible();
  await page.getByRole('button', { name: 'Undo the merge' }).click();
  await expect(page.getByText('The two contacts are parted again.')).toBeVisible();
  await page.goto(`/admin/contacts/${newer.id}`);
  await expect(page.getByText(`№ ${newer.number}`)).toBeVisible();

  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Merge with …' }).click();
  await page.getByRole('combobox', { name: 'The other contact' }).fill('Zwilling');
  await page.getByRole('option', { name: /ZWILLING Gudrun/ }).click();
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Merge two contacts' })).toBeVisible();
});

// G-24, T-33, S-85: whoever sees on the list that two are one ticks them and merges; a person and an organization are never one.
test('two of the list are merged', async ({ staff }) => {
  const { page } = staff;
  const made = await staff.graphql<Record<'a' | 'b', { person: { number: number } }>>(`mutation {
    a: createPerson(input: {firstName: "Even", lastName: "Flettet"}) { person { number } errors { code } }
    b: createPerson(input: {firstName: "E.", lastName: "Flettet", email: "even@flettet.example"}) { person { number } errors { code } }
    c: createOrganization(input: {name: "Flettet AS"}) { organization { id } errors { code } }
  }`);
  const table = page.getByRole('table', { name: 'All contacts' });
  const bar = page.getByRole('region', { name: 'Selected contacts' });
  const open = async () => {
    await page.goto('/admin/contacts?q=Flettet');
    await expect(table.getByRole('link')).toHaveCount(3);
  };
  await open();
  await table.getByRole('checkbox', { name: 'Select FLETTET Even' }).check();
  await expect(bar).toContainText('1 selected');
  await expect(bar.getByRole('link', { name: 'Merge' })).toHaveCount(0);
  await table.getByRole('checkbox', { name: 'Select FLETTET E.' }).check();
  await expect(bar.getByRole('link', { name: 'Merge' })).toBeVisible();
  await table.getByRole('checkbox', { name: 'Select Flettet AS' }).check();
  await expect(bar.getByRole('link', { name: 'Merge' })).toHaveCount(0);
  await table.getByRole('checkbox', { name: 'Select Flettet AS' }).uncheck();
  await bar.getByRole('link', { name: 'Merge' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Merge two contacts' })).toBeVisible();
  await expect(page.getByRole('radio', { name: `E-mail, № ${made.b.person.number}: even@flettet.example` })).toBeChecked();
  await page.getByRole('button', { name: 'Merge', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Even FLETTET$/);
  await expect(page.getByText(`№ ${made.a.person.number}`)).toBeVisible();

  await page.goto('/admin/contacts?q=Flettet');
  await expect(table.getByRole('link')).toHaveCount(2);
  await table.getByRole('checkbox', { name: 'Select all loaded contacts' }).check();
  await bar.getByRole('link', { name: 'Merge' }).click();
  await expect(page.getByRole('alert')).toContainText('These two cannot be merged');
  await expect(page.getByRole('button', { name: 'Merge', exact: true })).toBeDisabled();
});

// S-18, S-22: two contacts that cannot be one are told apart by the circle of links they would close, in the reader's language.
test('a merge that would close a circle names it', async ({ staff }) => {
  const page = staff.page;
  const made = await staff.graphql<Record<string, { organization: { id: string } }>>(`mutation {
    ${['Øst', 'Midt', 'Vest'].map((name, n) => `o${n}: createOrganization(input: {name: "Ringlag ${name}"}) { organization { id } errors { code } }`).join('\n')}
  }`);
  const [east, middle, west] = [made['o0'], made['o1'], made['o2']].map((one) => one?.organization.id ?? '');
  const { linkTypes } = await staff.graphql<{ linkTypes: { id: string; kind: string }[] }>('{ linkTypes { id kind } }');
  const typeId = linkTypes.find(({ kind }) => kind === 'SUBSIDIARY')?.id;
  for (const [fromId, toId] of [[east, middle], [middle, west]]) {
    await staff.graphql('mutation($i: CreateAffiliationInput!) { createAffiliation(input: $i) { errors { code message } } }', { i: { typeId, fromId, toId } });
  }
  await page.goto('/admin/duplicates');
  await page.evaluate(() => localStorage.setItem('carnet.language', 'nb'));
  await page.goto(`/admin/merge/${east}/${west}`);
  await expect(page.getByRole('alert')).toContainText('Som én ville de lukke en ring av koblinger: Ringlag Øst → Ringlag Midt → Ringlag Øst.');
});
