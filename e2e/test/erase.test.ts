import { expect, expectAccessible, test } from '../world.ts';

// Issue 7, GDPR art. 15 and 17: staff see what erasing would do and what hinders it, erase, find the proof by the address, take the person's file, try retention rules, and read
// who did what.
test('staff erase a person and find the proof', async ({ staff }) => {
  const mark = `Erna${Date.now()}`;
  const email = `${mark.toLowerCase()}@example.no`;
  const { createPerson } = await staff.graphql<{ createPerson: { person: { id: string; number: number } } }>('mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { id number } errors { code message } } }', {
    i: { firstName: mark, lastName: 'Forgotten', email },
  });
  const { id, number } = createPerson.person;
  const { page } = staff;
  await page.goto(`/admin/contacts/${id}`);
  await page.getByRole('button', { name: 'More actions' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'A page to read' }).click()]);
  expect(download.suggestedFilename()).toContain(`-${number}-data.html`);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Erase…' }).click();
  const dialog = page.getByRole('dialog', { name: /^Erase / });
  await expect(dialog.getByRole('list', { name: 'What goes' })).toContainText('History of changes');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Erase for good' }).click();
  await expect(page.getByRole('note').filter({ hasText: 'was erased on' })).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).not.toContainText(mark);

  await page.goto('/admin/privacy/erased');
  await page.getByLabel('Was somebody with this address erased?').fill(email);
  await page.getByRole('button', { name: 'Look' }).click();
  const proof = page.getByRole('list', { name: 'Erased' }).getByRole('listitem').filter({ hasText: `Contact ${number}` });
  await expect(page.getByRole('status').filter({ hasText: `Somebody with the address ${email} was erased` })).toBeVisible();
  await proof.getByText(`Contact ${number}`).click();
  await expect(proof.getByRole('list', { name: 'What was done' })).toContainText('History of changes');
  await expectAccessible(page);

  await page.getByRole('link', { name: 'Retention' }).click();
  await page.getByLabel('Persons without a sign of life').fill('600');
  await page.getByRole('button', { name: 'Try it out' }).click();
  await expect(page.getByRole('list', { name: 'What the rules would do now' })).toContainText('Persons without a sign of life');
  await expectAccessible(page);

  // Putting rules to work is asked for with what they would do; who thinks again has changed nothing.
  await page.getByRole('switch', { name: 'Apply the rules once a day' }).check({ force: true });
  await page.getByRole('button', { name: 'Save' }).click();
  const sure = page.getByRole('dialog', { name: 'Apply these rules every day?' });
  await expect(sure.getByRole('list')).toContainText(/Persons without a sign of life\d/);
  await expect(sure.getByRole('list')).toContainText('Histories of changesFor good');
  await expectAccessible(page);
  await sure.getByRole('button', { name: 'Cancel' }).click();
  const { retention } = await staff.graphql<{ retention: { enabled: boolean } }>('{ retention { enabled } }');
  expect(retention.enabled).toBe(false);

  await page.getByRole('link', { name: 'Audit log' }).click();
  await page.getByLabel('About (id)').fill(id);
  await page.getByRole('button', { name: 'Filter' }).click();
  const log = page.getByRole('list', { name: 'Audit log' });
  await expect(log.getByRole('listitem').first()).toContainText('Erased a contact');
  await expect(log.getByRole('listitem').first().getByText('eraseContact')).toBeVisible();
  await expect(log).toContainText('Downloaded a file');
  await expectAccessible(page);
  await log.getByRole('button', { name: 'Only: Erased a contact' }).first().click();
  await expect(log).not.toContainText('Downloaded a file');
  const what = page.getByRole('combobox', { name: 'What' });
  await expect(what).toHaveValue('Erased a contact');
  await expect(page).toHaveURL(/action=eraseContact/);

  // Another is found in the list by its words or its name, in the order of the alphabet; what is not done any more goes by its name.
  await what.fill('trash contacts');
  await expect(page.getByRole('option')).toHaveText(['Deleted contacts in the trash for good', 'Moved contacts to the trash', 'Restored contacts from the trash']);
  await what.fill('erasec');
  await expect(page.getByRole('option')).toHaveText(['Erased a contact']);
  await what.fill('downloaded');
  await page.getByRole('option', { name: 'Downloaded a file' }).click();
  await expect(log.getByRole('listitem').first()).toContainText('Downloaded a file');
  await expect(log).not.toContainText('Erased a contact');
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await expect(page.getByLabel('About (id)')).toHaveValue('');
  await expect(page).toHaveURL(/\/privacy\/audit$/);
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)).toBe(true);
  }
});
