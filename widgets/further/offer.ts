import { h } from '../kit/dom';
import { myOffers } from '../operations';
import { item, nothing } from '../sales/list';
import type { Section } from './index';

/** What is reserved for one today (S-42). */
export const offers: Section = async ({ account, own, when }, show) => {
  const list = (await account.core.graphql(myOffers, {})).me?.offers ?? [];
  show(...(list.length ? [
    h('p.value', {}, own('offers_for', { name: account.manifest.name })),
    h('ul.rows', {}, ...list.map(({ type, name, left, endsOn }) => item(name, [type, left !== null && own(left ? 'offer_left' : 'offer_gone', { left }), !!endsOn && own('until', { day: when.date(endsOn) })]))),
  ] : nothing(own('none'))));
};
