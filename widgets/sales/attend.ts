import { button, h, newId } from '../kit/dom';
import { offer } from '../kit/download';
import { type Operation, myBookings, myTickets } from '../operations';
import { type Entry, calendar } from './calendar';
import type { Sales, Section } from './index';
import { folded, item, nothing, paged, rows } from './list';

type Answered<T> = T extends Operation<infer Answer, infer _Variables> ? Answer : never;
type Ticket = NonNullable<Answered<typeof myTickets>['me']>['tickets']['nodes'][number];

/** Whether something is over. */
const over = ({ endsAt }: { endsAt: string }) => new Date(endsAt) < new Date();

/** A button that hands an entry to the person's calendar. */
const toCalendar = ({ own }: Sales, entry: Entry) => button('link', own('calendar', { name: entry.name }), () => offer(calendar(entry), 'text/calendar', 'event.ics'));

/** Every ticket, each to be opened or put into a calendar; past ones are folded (T-06). */
export const tickets: Section = (sales, show) => {
  const { account, own } = sales;
  return paged(sales, show, async (after) => (await account.core.graphql(myTickets, { after })).me?.tickets, (list) => {
    const shown = (some: readonly Ticket[]) => some.map((one) => ticket(sales, one));
    const ahead = list.filter(({ event }) => !over(event)).reverse(); // the next first
    return [...rows(own('tickets_ahead'), shown(ahead)), ...folded(own('tickets_past'), shown(list.filter(({ event }) => over(event)))), ...(list.length ? [] : nothing(own('none')))];
  });
};

function ticket(sales: Sales, { id, state, code, mine, product, orderNumber, event, qr }: Ticket): HTMLElement {
  const { own, when } = sales;
  const gone = event.state === 'CANCELLED' ? own('event_cancelled') : state === 'CANCELLED' ? own('cancelled') : state === 'USED' && own('used');
  const card = qr && h('figure.ticket', { id: newId(), hidden: true }, drawn(qr, own('qr', { name: event.name })), h('figcaption.help', {}, code));
  const toggle = card && button('link', own('ticket_show'), () => {
    card.hidden = !card.hidden;
    toggle!.textContent = own(card.hidden ? 'ticket_show' : 'ticket_hide');
    toggle!.ariaExpanded = String(!card.hidden);
  });
  if (toggle) {
    toggle.setAttribute('aria-expanded', 'false');
    toggle.setAttribute('aria-controls', card.id);
  }
  return item(event.name, [when.span(event.startsAt, event.endsAt), event.place, own('ticket_what', { product, number: orderNumber }), !mine && own('ticket_other'), gone],
    h('div.acts', {}, toggle ?? false, !!qr && !over(event) && toCalendar(sales, { ...event, id })), card ?? false);
}

const svg = 'http://www.w3.org/2000/svg';

/** A QR code as an inline SVG, dark on light whatever the colours around it: that is what scanners read. */
function drawn({ size, path }: { size: number; path: string }, label: string): SVGElement {
  const image = document.createElementNS(svg, 'svg');
  for (const [name, value] of Object.entries({ viewBox: `-4 -4 ${size + 8} ${size + 8}`, role: 'img', 'aria-label': label, 'shape-rendering': 'crispEdges', class: 'qr', part: 'qr' })) image.setAttribute(name, value);
  const dark = document.createElementNS(svg, 'path');
  dark.setAttribute('d', path);
  image.append(dark);
  return image;
}

/** The bookings; past ones are folded. */
export const bookings: Section = (sales, show) => {
  const { account, own, when } = sales;
  return paged(sales, show, async (after) => (await account.core.graphql(myBookings, { after })).me?.bookings, (list) => {
    const shown = (some: typeof list) => some.map(({ id, product, startsAt, endsAt, state, pass }) => {
      const gone = state === 'CANCELLED' ? own('cancelled') : state === 'ATTENDED' && own('attended');
      const open = state === 'BOOKED' && !over({ endsAt });
      return item(product, [when.span(startsAt, endsAt), !!pass && own('by_pass', { pass }), gone], open && h('div.acts', {}, toCalendar(sales, { id, name: product, place: '', url: '', startsAt, endsAt })));
    });
    return [...rows(own('bookings_ahead'), shown(list.filter((one) => !over(one)).reverse())), ...folded(own('bookings_past'), shown(list.filter(over))), ...(list.length ? [] : nothing(own('none')))];
  });
};
