import { h } from '../kit/dom';
import { producedEvents } from '../operations';
import { item, nothing, paged } from '../sales/list';
import type { Section } from './index';

/** What is sold of the events one produces, in all and by ticket type (S-12); of no other (S-13). */
export const produced: Section = (further, show) => {
  const { account, own, when, money } = further;
  const number = new Intl.NumberFormat(account.manifest.language);
  /** A row of what it is, how many, and what it brought in: two columns fit a phone. */
  const row = (name: string, counts: readonly (string | false)[], revenue: number, part: 'tr' | 'tr.sum' = 'tr') =>
    h(part, {}, h('th', { scope: 'row' }, name, h('span.help', {}, counts.filter(Boolean).join(' · '))), h('td', {}, money(revenue)));
  const sold = (n: number) => own('produced_sold', { sold: number.format(n) });
  const rest = (n: number | null, live: boolean) => live && n !== null && own('produced_left', { left: number.format(n) });
  return paged(further, show, async (after) => (await account.core.graphql(producedEvents, { after })).me?.producedEvents, (list) => (list.length ? [
    h('ul.rows', {}, ...list.map(({ name, place, startsAt, endsAt, state, left, sales }) => {
      const live = state === 'PUBLISHED';
      return item(name, [when.span(startsAt, endsAt), place, !live && own(state === 'CANCELLED' ? 'event_cancelled' : 'event_unpublished')], h('table.lines', {},
        ...sales.byTicketType.map((one) => row(one.name, [sold(one.sold), rest(one.left, live)], one.revenue)),
        row(own('produced_all'), [sold(sales.sold), rest(left, live), sales.used > 0 && own('produced_used', { used: number.format(sales.used) })], sales.revenue, 'tr.sum'),
      ));
    })),
  ] : nothing(own('none'))));
};
