import type { Change } from '@/feature/contact/history';
import type { TakeInput } from '@/gql/graphql';

/** Whose value is taken. */
export type From = 'survivor' | 'other';

/** One thing in which two contacts differ, and the attributes it stands for. */
export interface Choice {
  key: string;
  label: string;
  survivor: string;
  other: string;
  attributes: string[];
}

/** What tells people who somebody is comes first. */
const first = ['title', 'firstName', 'lastName', 'name', 'birthDate', 'email', 'mobile', 'phone', 'address'];
const placeOf = ({ key }: Choice) => (first.includes(key) ? first.indexOf(key) : first.length);

/** What two contacts differ in, in words. The parts of the address are one choice: half of one and half of the other is none. */
export function choicesOf(changes: readonly Change[], addressLabel: string): Choice[] {
  const choices: Choice[] = [];
  const address: Change[] = [];
  for (const change of changes) {
    if (change.key.startsWith('address.')) {
      if (address.length === 0) choices.push({ key: 'address', label: addressLabel, survivor: '', other: '', attributes: [] });
      address.push(change);
      continue;
    }
    choices.push({ key: change.key, label: change.label, survivor: change.before, other: change.after, attributes: [change.key] });
  }
  const whole = choices.find((choice) => choice.key === 'address');
  if (whole) {
    whole.survivor = addressWords(new Map(address.map((part) => [part.key, part.before])));
    whole.other = addressWords(new Map(address.map((part) => [part.key, part.after])));
    whole.attributes = address.map((part) => part.key);
  }
  return choices.sort((a, b) => placeOf(a) - placeOf(b));
}

/** An address on one line, as one writes it. Whose address it is a copy of is an id, which tells people nothing. */
function addressWords(parts: ReadonlyMap<string, string>): string {
  const of = (...names: string[]) => names.map((name) => parts.get(`address.${name}`)).filter(Boolean).join(' ');
  return [of('lines'), of('postcode', 'city'), of('subdivision'), of('country')].filter(Boolean).join(', ');
}

/** The choices as the API takes them. */
export function takesOf(choices: readonly Choice[], chosen: ReadonlyMap<string, From>, ids: Record<From, string>): TakeInput[] {
  return choices.flatMap((choice) => {
    const from = chosen.get(choice.key);
    return from ? choice.attributes.map((attribute) => ({ attribute, from: ids[from] })) : [];
  });
}

/** Whose value of each choice is taken when nobody says otherwise. */
export function defaultsOf(choices: readonly Choice[], taken: readonly string[]): Map<string, From> {
  return new Map(choices.map((choice) => [choice.key, choice.attributes.some((attribute) => taken.includes(attribute)) ? 'other' : 'survivor']));
}
