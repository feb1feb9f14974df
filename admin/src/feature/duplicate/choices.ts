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
    // Whose address it is a copy of is an id, which tells people nothing.
    const shown = address.filter((part) => part.key !== 'address.of');
    whole.survivor = shown.map((part) => part.before).filter(Boolean).join(', ');
    whole.other = shown.map((part) => part.after).filter(Boolean).join(', ');
    whole.attributes = address.map((part) => part.key);
  }
  return choices;
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
