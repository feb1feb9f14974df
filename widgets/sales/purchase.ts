import { h } from '../kit/dom';
import { myMemberships, myOrders } from '../operations';
import type { Section } from './index';
import { item, nothing, paged, rows } from './list';
import { payment } from './pay';

/** What one bought, each order with its lines (T-05). */
export const purchases: Section = (sales, show) => {
  const { account, own, when, money } = sales;
  return paged(sales, show, async (after) => (await account.core.graphql(myOrders, { after })).me?.orders, (list) => (list.length ? [h('div.orders', {}, ...list.map((order) => {
    const sum = (amount: number) => money(amount, order.currency);
    const line = (label: string, amount: string, part: 'tr' | 'tr.sum' = 'tr') => h(part, {}, h('th', { scope: 'row' }, label), h('td', {}, amount));
    return h('details.order', {},
      h('summary.fold', {}, h('strong', {}, own('order', { number: order.number })), h('span.help', {}, when.day(order.orderedAt)), h('span', {}, sum(order.total))),
      order.state === 'CANCELLED' ? h('p.value', {}, own('order_cancelled')) : false,
      h('table.lines', {},
        ...order.lines.map(({ label, quantity, returned, amount, priceRule }) => line([quantity > 1 ? `${quantity} × ${label}` : label, priceRule && `(${priceRule})`, returned > 0 && `– ${own('returned', { n: returned })}`].filter(Boolean).join(' '), sum(amount))),
        line(own('total'), sum(order.total), 'tr.sum'),
        order.returned > 0 && line(own('order_returned'), sum(-order.returned)),
        order.due > 0 && line(own('due'), sum(order.due)),
        order.due < 0 && line(own('due_back'), sum(-order.due)),
      ),
      order.due > 0 && account.mine.holdings.pays && payment(sales, order.id, sum(order.due)),
      ...order.answers.map(({ label, display }) => h('p.value', {}, `${label}: ${display}`)),
    );
  }))] : nothing(own('none_bought'))));
};

/** The subscriptions one has or had (T-04), and the passes. */
export const memberships: Section = async ({ account, own, when, money }, show) => {
  const { me } = await account.core.graphql(myMemberships, {});
  const until = (day: string | null) => (day ? own('until', { day: when.date(day) }) : own('endless'));
  const subscribed = (me?.memberships.nodes ?? []).map(({ plan, startsOn, endsOn, running, ahead, renews, cancelledAt, amount, currency }) => item(plan, [
    own('from', { day: when.date(startsOn) }), until(endsOn),
    own(ahead ? 'ahead' : running ? 'running' : 'over'), running && renews && !cancelledAt && own('renews'), amount !== null && money(amount, currency),
  ]));
  const passes = (me?.passes.nodes ?? []).map(({ product, uses, left, validOn, endsOn, usable, cancelledAt }) => item(product, [
    own('left', { left, uses }), own('from', { day: when.date(validOn) }), until(endsOn), cancelledAt ? own('cancelled') : !usable && own('not_usable'),
  ]));
  show(...rows(own('memberships'), subscribed), ...rows(own('passes'), passes), ...(subscribed.length + passes.length ? [] : nothing(own('none'))));
};
