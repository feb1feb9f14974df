import { expect, expectAccessible, test, type Staff } from '../world.ts';

interface Made { createPerson: { person: { id: string; number: number } } }

async function person({ graphql }: Staff, firstName: string, lastName: string, more: object = {}): Promise<number> {
  const made = await graphql<Made>('mutation($input: CreatePersonInput!) { createPerson(input: $input) { person { id number } errors { code } } }', { input: { firstName, lastName, ...more } });
  return made.createPerson.person.number;
}

// S-63, S-93, S-94, S-95, S-96, S-97, S-98, S-99, S-100, S-101, S-104: the quick search suggests in SecuTix's form and order, and ends with a new contact.
test('suggestions read, sort and end as they should', async ({ staff }) => {
  const page = staff.page;
  const paris = await person(staff, 'Céline', 'Quérupont', { address: { country: 'FR', postcode: '75011' } });
  const lyon = await person(staff, 'Céline', 'Quérupont', { address: { country: 'FR', postcode: '69001' }, email: 'celine@querupont.example' });
  const nowhere = await person(staff, 'Jean', 'Quérupont', { address: { country: 'FR' } });
  const compound = await person(staff, 'Åse', 'Quérupont-Ødegård', { address: { country: 'NO', postcode: '0150' } });
  await page.goto('/admin/');
  await page.getByRole('button', { name: /^Search/ }).click();
  const box = page.getByRole('combobox', { name: 'Search' });
  const options = page.getByRole('listbox', { name: 'Results' }).getByRole('option');
  const twins = [`QUÉRUPONT, Céline, FR-75011 [${paris}]`, `QUÉRUPONT, Céline, FR-69001 [${lyon}]`];
  const more = [`QUÉRUPONT, Jean, FR-— [${nowhere}]`, `QUÉRUPONT-ØDEGÅRD, Åse, NO-0150 [${compound}]`];
  const create = 'Create a new contact…';
  const finds = async (typed: string, want: string[]) => {
    await box.fill(typed);
    // Before it stand initials, which nobody is read.
    await expect(options, typed).toHaveText([...want, create].map((text) => new RegExp(`${text.replace(/[[\]]/g, '\\$&')}$`)));
  };
  await finds('querupont', [...twins, ...more]); // a name begins so, whatever its case and accents
  await finds('QUÉRU', [...twins, ...more]);
  await finds('querupont, c', twins);
  await finds('cel queru', twins); // in any order
  await finds('querupont ode', [more[1]!]);
  await finds('odegard querupont', [more[1]!]);
  await finds(String(lyon), [twins[1]!]);
  await finds('celine@queru', [twins[1]!]);
  await finds('querupontx', []);
  await expectAccessible(page);

  await box.fill('Nyquist');
  await expect(options).toHaveText([new RegExp(`${create}$`)]);
  await box.press('Enter');
  const form = page.getByRole('dialog', { name: 'Add person' });
  await expect(form.getByRole('textbox', { name: 'Last name' })).toHaveValue('Nyquist');
});

// S-99, S-102, S-103: in the list, * stands for anything and switches the completion off.
test('stars in the search of the list', async ({ staff }) => {
  const page = staff.page;
  await person(staff, 'Anna', 'Vrålpont');
  await person(staff, 'Berit', 'Vrålpontel');
  await page.goto('/admin/contacts');
  const box = page.getByRole('searchbox').or(page.locator('[data-page-search]')).first();
  const rows = page.getByRole('link', { name: /VRÅLPONT/ });
  for (const [typed, want] of [['vralp', 2], ['*ralpont', 1], ['*ralpont*', 2], ['vr*nt', 1], ['vralpont*', 2], ['ralpont', 0]] as const) {
    await box.fill(typed);
    await expect(rows, typed).toHaveCount(want);
  }
});
