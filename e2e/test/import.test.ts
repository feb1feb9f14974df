import { readFile } from 'node:fs/promises';
import { expect, test } from '../world.ts';

const file = (name: string, text: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

// C-07, C-11, S-03: a foreign file is uploaded, its columns and values are mapped, it is tried, imported, mended
// and taken back; the next file with the same header is known again.
test('a file on its way into the book and out again', async ({ staff }) => {
  const page = staff.page;
  const mark = `Imp${Date.now()}`;
  await staff.graphql(`mutation($c: CreatePersonInput!) { createPerson(input: $c) { errors { code } } }`, {
    c: { firstName: 'Ragna', lastName: mark, email: `ragna@${mark}.example.com`.toLowerCase(), address: { city: 'Oslo' } },
  });
  const rows = [
    'Who,Mail,Town,Land',
    `Ragna ${mark},ragna@${mark}.example.com,Bergen,Norge`,
    `Bo ${mark},bo@${mark}.example.com,Moss,Norwey`,
    `Carl ${mark},no address,Voss,Norge`,
  ].join('\n');

  await page.goto('/admin/import');
  await page.getByLabel('Choose a file to import').setInputFiles(file('people.csv', rows));
  await page.getByRole('button', { name: 'Upload and look at the columns' }).click();

  // Columns: samples beside, and a proposal where the name says something.
  const steps = page.getByRole('list', { name: 'Steps of the import' });
  await expect(steps.locator('[aria-current=step]')).toContainText('Columns');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('people.csv');
  await expect(page.getByText(`Ragna ${mark} · Bo ${mark}`)).toBeVisible();
  const who = page.getByRole('combobox', { name: 'Column Who is read as' });
  await expect(page.getByRole('combobox', { name: 'Column Mail is read as' })).toHaveValue('E-mail');
  await who.fill('Full n');
  await who.press('ArrowDown');
  await who.press('Enter');
  await expect(who).toHaveValue('Full name');
  await expect(page.getByRole('combobox', { name: 'Column Land is read as' })).toHaveValue('Country');
  await page.getByRole('button', { name: 'Continue' }).click();

  // Values: the one that the book does not know, with what it may have been meant to be.
  await expect(page.getByRole('combobox', { name: 'Norwey in Land is read as' })).toHaveValue('Norway');
  await page.getByRole('button', { name: 'Continue' }).click();

  // A trial writes nothing and tells everything.
  await page.getByRole('radio', { name: 'Update them' }).check();
  await page.getByRole('button', { name: 'Try without writing' }).click();
  await expect(page.getByText('This is what would happen. Nothing has been written yet.')).toBeVisible();
  const table = page.getByRole('table', { name: 'Row by row' });
  await expect(table.getByRole('row')).toHaveCount(4);
  await expect(table.getByRole('row').filter({ hasText: 'this is not an e-mail address' })).toContainText('Refused');
  await page.getByLabel('Changes of line 2').click();
  const changes = table.getByRole('table', { name: 'Changes', exact: true });
  await expect(changes.filter({ hasText: 'Bergen' })).toContainText('Oslo');
  await page.getByRole('radiogroup', { name: 'Filter rows by result' }).getByText('Created', { exact: true }).click();
  await expect(table.getByRole('row')).toHaveCount(2);
  const found = async () => (await staff.graphql<{ contacts: { totalCount: number } }>(`query($s: String!) { contacts(search: $s) { totalCount } }`, { s: mark })).contacts.totalCount;
  expect(await found()).toBe(1);

  // The same for good; refused rows come back as a file with their reasons.
  await page.getByRole('button', { name: 'Import now' }).click();
  await expect(page.getByText('Done', { exact: true })).toBeVisible();
  await expect.poll(found).toBe(2);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download refused rows' }).click();
  const refused = await readFile(await (await download).path(), 'utf8');
  expect(refused).toContain('Who,Mail,Town,Land,Import problem');
  expect(refused).toContain(`Carl ${mark},no address,Voss,Norge,`);

  // Taken back as a whole.
  await page.getByRole('button', { name: 'Take the import back' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take the import back' }).click();
  await expect(page.getByText('Taken back', { exact: true }).first()).toBeVisible();
  await expect.poll(found).toBe(1);

  // The next file with this header is known.
  await page.goto('/admin/import');
  await page.getByLabel('Choose a file to import').setInputFiles(file('more.csv', rows));
  await page.getByRole('button', { name: 'Upload and look at the columns' }).click();
  await expect(page.getByText('Taken from the last file with this header.')).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Column Who is read as' })).toHaveValue('Full name');

  // What a column can be is said in the reader's language.
  await page.evaluate(() => localStorage.setItem('carnet.language', 'fr'));
  await page.reload();
  await expect(page.getByRole('combobox', { name: 'La colonne Who est lue comme' })).toHaveValue('Nom complet');
});

// A file that cannot be read is refused with the reason, and the way back is there.
test('a file that is none', async ({ staff }) => {
  const page = staff.page;
  await page.goto('/admin/import');
  await page.getByLabel('Choose a file to import').setInputFiles(file('nuls.csv', '\0'.repeat(2000)));
  await page.getByRole('button', { name: 'Upload and look at the columns' }).click();
  await expect(page.getByRole('alert')).toContainText('NUL bytes');
});

// S-03, C-07: staff who work in French read in French why a file, a mapping or a row was refused, and what of a row was not taken.
test('what is wrong with a file is told in French', async ({ staff }) => {
  const page = staff.page;
  await page.goto('/admin/import');
  await page.evaluate(() => localStorage.setItem('carnet.language', 'fr'));
  await page.reload();
  const bring = async (name: string, text: string) => {
    await page.goto('/admin/import');
    await page.getByLabel('Choisir un fichier à importer').setInputFiles(file(name, text));
    await page.getByRole('button', { name: 'Envoyer et voir les colonnes' }).click();
    await page.waitForURL(/import\/file/);
  };
  await bring('nuls.csv', '\0'.repeat(2000));
  await expect(page.getByRole('alert')).toContainText('Ce n’est pas un fichier texte : il contient des octets nuls', { useInnerText: true });

  const mark = `Imp${Date.now()}`.toLowerCase();
  await bring('deux.csv', `Nom,Prénom,E-mail,Pays,Naissance,Pointure\n${mark},Ane,pas une adresse,Atlantide,,\n${mark},Bo,bo@${mark}.example.com,NO,--04-30,44\n`);
  const last = page.getByRole('combobox', { name: 'La colonne Prénom est lue comme' });
  const choose = async (words: string) => {
    await last.fill(words);
    await page.getByRole('option', { name: words, exact: true }).click();
  };
  const on = page.getByRole('button', { name: 'Continuer' });
  await choose('Nom');
  await on.click();
  await expect(page.getByRole('alert')).toContainText('Les colonnes « Nom » et « Prénom » ne peuvent pas être lues toutes deux de la même façon.');
  await page.getByRole('button', { name: 'Retour' }).click();
  await choose('Prénom');
  await on.click();
  await on.click();
  await page.getByRole('button', { name: 'Essayer sans écrire' }).click();

  const table = page.getByRole('table', { name: 'Ligne par ligne' });
  const plain = async (line: number) => (await table.getByRole('row').nth(line).innerText()).replaceAll('\u00a0', ' ');
  await expect(table.getByRole('row')).toHaveCount(3);
  expect(await plain(1)).toContain('« Atlantide » n’est pas un pays connu');
  expect(await plain(2)).toContain('Naissance : un jour sans année n’est pas conservé : « --04-30 »');
  expect(await plain(2)).not.toMatch(/year|column|not/);
});
