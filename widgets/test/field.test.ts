/** The types of question that are typed, held to the cases that the server's are held to. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { asked, types } from '../kit/field/further';
import type { Field, Given } from '../kit/field/index';
import { text } from '../kit/field/text';
import { type Stage, everyField, stage } from './harness';

const json = <T>(name: string) => JSON.parse(readFileSync(new URL(`../../internal/field/testdata/${name}.json`, import.meta.url), 'utf8')) as T;

interface AnswerCase {
  type: keyof typeof types | 'TEXT';
  typed: string;
  times?: number;
  /** Absent where what is typed is no value of the type. */
  sent?: Given;
  error?: string;
  only?: 'server';
}

let it: Stage;
before(async () => { it = await stage(); });
after(() => it.close());

const sentAnswers = () => it.sent['signUp']?.['input']?.['answers'] as { fieldId: string }[];

test('what is typed is sent, or refused, as internal/field/testdata/answers.json says', () => {
  const read = { ...types, TEXT: text };
  const cases = json<AnswerCase[]>('answers');
  for (const { type, typed, times = 1, sent, error, only } of cases) {
    const { given, mistake } = read[type].read(typed.repeat(times));
    const name = `${type} ${typed}`;
    assert.equal(mistake?.code, only ? undefined : error, name);
    if (sent) assert.deepEqual(given, sent.text ? { text: sent.text.repeat(times) } : sent, name);
  }
  assert.deepEqual([...new Set(cases.map((one) => one.type))].sort(), Object.keys(read).sort(), 'every type has cases');
});

test('the fields that are asked are those of internal/field/testdata/conditions.json', () => {
  interface File {
    fields: (Pick<Field, 'id' | 'type'> & Partial<Pick<Field, 'showIf'>>)[];
    always: string[];
    cases: { name: string; answers: Record<string, Given>; asked: string[] }[];
  }
  const { fields, always, cases } = json<File>('conditions');
  for (const { name, answers, asked: want } of cases) {
    const got = asked(fields.map((field) => ({ showIf: [], ...field })), (id) => answers[id] ?? {});
    assert.deepEqual([...got].sort(), [...always, ...want].sort(), name);
  }
});

test('a question comes and goes with the answer that it waits for, without taking the focus', async () => {
  it.body = '<carnet-registration></carnet-registration>';
  const ticket = everyField[0]!;
  const since = { ...everyField[6]!, required: true, showIf: [{ fieldId: ticket.id, op: 'EQUALS', values: ['true'] }] } satisfies Field;
  const page1 = { ...everyField[8]!, showIf: [{ fieldId: since.id, op: 'ANSWERED', values: [] }] } satisfies Field;
  it.fields = [ticket, since, page1];
  const page = await it.visit();
  await page.getByLabel('First name').fill('Ada');
  await page.getByLabel('Last name').fill('Byron');
  await page.getByLabel('E-mail').fill('ada@example.com');
  const yes = page.getByRole('radio', { name: 'Yes' });
  assert.equal(await page.getByLabel('Member since').isVisible(), false);
  await yes.check();
  await page.getByLabel('Member since').waitFor();
  assert.equal(await page.getByRole('status').first().textContent(), 'More to fill in: Member since');
  assert.ok(await yes.evaluate((el) => el.matches(':focus')), 'the focus stays');
  assert.equal(await page.getByLabel('Your page').isVisible(), false);
  await page.getByLabel('Member since').fill('2026-11-26');
  await page.getByLabel('Your page').fill('not a page');
  await page.getByRole('radio', { name: 'No' }).check();
  assert.equal(await page.getByLabel('Member since').isVisible(), false);
  assert.equal(await page.getByLabel('Your page').isVisible(), false, 'what waits for the hidden is hidden too');
  await page.getByRole('button', { name: 'Create account' }).click(); // nothing hidden is required, nor checked
  await page.getByText('We have sent a code').waitFor();
  assert.deepEqual(sentAnswers(), [{ fieldId: ticket.id, yesNo: false }, { fieldId: since.id }, { fieldId: page1.id }]);
  await page.context().close();

  const again = await it.visit();
  await again.getByRole('radio', { name: 'Yes' }).check();
  await again.getByLabel('Member since').fill('2026-11-26');
  await again.getByRole('radio', { name: 'No' }).check();
  await again.getByRole('radio', { name: 'Yes' }).check();
  assert.equal(await again.getByLabel('Member since').inputValue(), '2026-11-26', 'what was typed is kept while it is hidden');
  await again.context().close();
});

test('a form with a rarer question fetches one module more, and sends each as its type asks', async () => {
  it.body = '<carnet-registration></carnet-registration>';
  it.fields = everyField.filter((field) => !field.required);
  delete it.sent['signUp'];
  const page = await it.visit();
  const modules = () => page.evaluate(() => performance.getEntriesByType('resource').map((one) => /\/assets\/(\w+)-/.exec(one.name)?.[1]).filter(Boolean));
  await page.getByLabel('First name').fill('Ada');
  await page.getByLabel('Last name').fill('Byron');
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('How many seats?').fill('1,234');
  await page.getByLabel('Phone in an emergency').fill('none');
  await page.getByLabel('Your page').fill('javascript:alert(1)');
  const submit = page.getByRole('button', { name: 'Create account' });
  await submit.click();
  for (const [label, said] of [['How many seats?', 'Please give a number'], ['Phone in an emergency', 'Please give a phone number'], ['Your page', 'Please give the address of a page']] as const) {
    const input = page.getByLabel(label);
    assert.equal(await input.getAttribute('aria-invalid'), 'true', label);
    assert.ok(await page.getByText(said).isVisible(), said);
  }
  assert.equal(it.sent['signUp'], undefined);
  await page.getByLabel('How many seats?').fill('1 234,5');
  await page.getByLabel('Member since').fill('2026-11-26');
  await page.getByLabel('Phone in an emergency').fill('22 33 44 55');
  await page.getByLabel('Your page').fill('example.org');
  await page.getByLabel('Where are you from?').selectOption('Norway');
  await page.getByLabel('Tell us about you').fill('one\ntwo');
  await submit.click();
  await page.getByText('We have sent a code').waitFor();
  assert.deepEqual(sentAnswers().map(({ fieldId: _, ...given }) => given), [
    {}, {}, { number: 1234.5 }, { date: '2026-11-26' }, { text: '22 33 44 55' }, { text: 'example.org' }, { text: 'NO' }, { text: 'one\ntwo' },
  ]);
  assert.ok((await modules()).includes('fields'));
  await page.context().close();

  it.fields = everyField.filter(({ type }) => !(type in types));
  const plain = await it.visit();
  await plain.getByLabel('How did you hear about us?').waitFor();
  assert.ok(!(await plain.evaluate(() => performance.getEntriesByType('resource').map((one) => one.name))).some((name) => name.includes('/fields-')));
  await plain.context().close();
});
