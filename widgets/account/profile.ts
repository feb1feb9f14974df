import { textInput } from '../kit/control';
import { h, newId } from '../kit/dom';
import { country as countries } from '../kit/field/country';
import { type Questions, questions } from '../kit/field/index';
import { form } from '../kit/form';
import { type AnswerInput, updateMyProfile } from '../operations';
import type { Account } from './element';

/** The own record: name, phone, address, and the site's questions that show in the profile, with what was answered (T-58, T-59). */
export function profile(account: Account): Node[] {
  const place = h('div.stack', { 'aria-busy': 'true' });
  const { core, t, manifest, mine } = account;
  questions(core, t, manifest, 'PROFILE', mine.profile.answers).then(
    (asked) => place.replaceWith(record(account, asked)),
    () => place.replaceWith(h('p.alert', { role: 'alert' }, t('error.UNEXPECTED'))),
  );
  return [place];
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** What differs from what is there: another tab, or staff, may have changed the rest meanwhile. */
const changed = <T extends object>(now: T, was: { readonly [K in keyof T]: unknown }): Partial<T> =>
  Object.fromEntries(Object.entries(now).filter(([name, value]) => !same(value, was[name as keyof T]))) as Partial<T>;

/** The path of an error with the field's id where it holds an answer's place in what was sent. */
function byField(path: readonly string[], sent: readonly AnswerInput[]): string[] {
  const at = path.indexOf('answers') + 1;
  return path.map((part, index) => (at && index === at && sent[Number(part)]?.fieldId) || part);
}

function record({ core, t, own, mine, manifest, done, element }: Account, asked: Questions): HTMLElement {
  const is = mine.profile;
  const [line1, line2, line3] = is.address.lines;
  const text = (name: string, label: string, autocomplete: string, value: string | undefined, more?: { type?: string; maxlength?: number }) =>
    textInput(t, { name, label, autocomplete, value, maxlength: 200, ...more });
  const first = text('firstName', t('first_name'), 'given-name', is.firstName);
  const last = text('lastName', t('last_name'), 'family-name', is.lastName);
  const mobile = text('mobile', own('account.mobile'), 'tel', is.mobile, { type: 'tel', maxlength: 40 });
  const one = text('lines', own('account.line1'), 'address-line1', line1);
  const two = text('line2', own('account.line2'), 'address-line2', line2);
  const postcode = text('postcode', own('account.postcode'), 'postal-code', is.address.postcode, { maxlength: 20 });
  const city = text('city', own('account.city'), 'address-level2', is.address.city);
  const country = h('select.select', { id: newId(), name: 'country', autocomplete: 'country' }, h('option', { value: '' }, t('choose')), ...(countries.choices?.(manifest.language) ?? []).map(({ id, label }) => h('option', { value: id }, label)));
  country.value = is.address.country;
  const address = is.addressFollows ? [] : [one, two, postcode, city];
  const place = is.addressFollows ? h('p.notice', {}, own('account.follows')) : h('div.field', {}, h('label.label', { for: country.id }, own('account.country')), h('div.list', {}, country));
  const before = asked.answers();
  const send = async () => {
    const value = (control: { input: HTMLInputElement }) => control.input.value.trim();
    const lines = [value(one), value(two), line3 ?? ''].filter(Boolean);
    const moved = changed({ lines, postcode: value(postcode), city: value(city), country: country.value }, is.address);
    const answers = asked.answers().filter((answer, place) => !same(answer, before[place]));
    const input = {
      ...changed({ firstName: value(first), lastName: value(last), mobile: value(mobile) }, is),
      ...(!is.addressFollows && Object.keys(moved).length && { address: moved }),
      ...(answers.length && { answers }),
    };
    const { payload } = await core.graphql(updateMyProfile, { input });
    if (payload.errors.length) return payload.errors.map(({ code, path }) => ({ code, path: byField(path, answers) }));
    core.emit('profile-saved', {}, element);
    return done('profile', own('account.saved'));
  };
  const rows = form(t, { controls: [first, last, mobile, ...address, ...asked.controls], submit: own('account.save'), send });
  const below = (asked.controls[0]?.element ?? rows.lastElementChild) as HTMLElement;
  rows.insertBefore(h('div.pair', {}, first.element, last.element), mobile.element);
  if (!is.addressFollows) rows.insertBefore(h('div.pair', {}, postcode.element, city.element), below);
  rows.insertBefore(place, below);
  return rows;
}
