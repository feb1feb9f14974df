import { type Control, textInput } from '../kit/control';
import { button, h } from '../kit/dom';
import { form } from '../kit/form';
import { type Operation, type UpdateMyEventInput, cancelMyEvent, myEvents, submitEvent, updateMyEvent } from '../operations';
import type { Sales, Section } from './index';
import { item, nothing, paged } from './list';
import { worded } from './texts';

type Answered<T> = T extends Operation<infer Answer, infer _Variables> ? Answer : never;
type Own = NonNullable<Answered<typeof myEvents>['me']>['events']['nodes'][number];

/** The events that one has submitted, with what the site lets one do with them (T-07 to T-10); where it lets one see none, the form alone. */
export const events: Section = async (sales, show) => {
  const { account, own, when } = sales;
  const { mayView, mayEdit, mayCancel } = account.mine.holdings;
  const again = () => void events(sales, show).catch(() => show(h('p.alert', { role: 'alert' }, account.t('error.UNEXPECTED'))));
  /** Shows a view in place of the list; the focus goes to what it is about. */
  const view = (title: string, ...content: (Node | string)[]) => {
    const head = h('h3.title', { tabindex: -1 }, title);
    show(head, ...content.map((one) => (typeof one === 'string' ? h('p.value', {}, one) : one)), button('link', own('back'), again));
    head.focus();
  };
  const submit = button('secondary', own('event_submit'), () => view(own('event_submit'), own('event_submit_hint', { name: account.manifest.name }), edit(sales)));
  if (!mayView) return show(h('p.value', {}, own('event_unseen', { name: account.manifest.name })), submit);
  const acts = (event: Own) => h('div.acts', {},
    mayEdit && event.state !== 'CANCELLED' && button('link', own('event_edit', { name: event.name }), () => view(own('event_edit', { name: event.name }), edit(sales, event))),
    mayCancel && event.state !== 'CANCELLED' && new Date(event.endsAt) > new Date() && button('link', own('event_cancel', { name: event.name }), () => view(own('event_cancel', { name: event.name }), cancelling(sales, event))));
  await paged(sales, show, async (after) => (await account.core.graphql(myEvents, { after })).me?.events, (list) => [
    ...(list.length ? [h('ul.rows', {}, ...list.map((event) => item(event.name, [
      own(`event_${event.state}`), !!event.refusal && own('event_why', { reason: event.refusal }), when.span(event.startsAt, event.endsAt), event.place,
      event.state === 'PUBLISHED' && own(event.capacity === null ? 'event_taken' : 'event_taken_of', { taken: event.taken, capacity: event.capacity ?? 0 }),
    ], acts(event))))] : nothing(own('none_events'))),
    submit,
  ]);
};

/** A form for an event of one's own, or for a new one. What is published keeps its times and its places. */
function edit(sales: Sales, event?: Own): HTMLFormElement {
  const { account: { core, done }, own, when } = sales;
  const t = worded(sales);
  const text = (name: keyof UpdateMyEventInput, label: string, value: string, more: Partial<Parameters<typeof textInput>[1]> = {}) =>
    textInput(t, { name, label, value, autocomplete: 'off', maxlength: 200, ...more });
  const published = event?.state === 'PUBLISHED';
  const name = text('name', own('event_name'), event?.name ?? '', { required: true });
  const starts = text('startsAt', own('event_starts'), event ? when.local(event.startsAt) : '', { type: 'datetime-local', required: true });
  const ends = text('endsAt', own('event_ends'), event ? when.local(event.endsAt) : '', { type: 'datetime-local', required: true });
  const place = text('place', own('event_place'), event?.place ?? '');
  const url = text('url', own('event_url'), event?.url ?? '', { maxlength: 2000, more: { inputmode: 'url' } });
  const capacity = text('capacity', own('event_capacity'), String(event?.capacity ?? ''), { maxlength: 7, help: own('event_capacity_hint'), more: { inputmode: 'numeric' } });
  const description = text('description', own('event_description'), event?.description ?? '', { maxlength: 10000, tag: 'textarea.input', more: { rows: '5' } });
  if (event) description.input.value = event.description; // a textarea has no attribute for it
  const later = () => (starts.input.value && ends.input.value && ends.input.value <= starts.input.value ? { code: 'EARLY' } : undefined);
  const whole = () => (/^[1-9]\d*$|^$/.test(capacity.input.value.trim()) ? undefined : { code: 'INVALID_NUMBER' });
  const fixed: Control[] = published ? [] : [starts, { ...ends, check: () => ends.check() ?? later() }, { ...capacity, check: whole }];
  const send = async () => {
    const value = (control: { input: HTMLInputElement }) => control.input.value.trim();
    const places = Number(value(capacity)) || null;
    const told = { name: value(name), place: value(place), url: value(url), description: value(description) };
    // What one did not touch is not sent: a time of the server's is finer than what one types.
    const moved = (control: { input: HTMLInputElement }) => control.input.value !== control.input.defaultValue && when.time(control.input.value);
    const [from, to] = [moved(starts), moved(ends)];
    const times = published ? {} : { ...(from && { startsAt: from }), ...(to && { endsAt: to }), ...(places !== (event?.capacity ?? null) && { capacity: places }) };
    const { payload } = event
      ? await core.graphql(updateMyEvent, { input: { id: event.id, ...told, ...times } })
      : await core.graphql(submitEvent, { input: { ...told, startsAt: from || '', endsAt: to || '', capacity: places } });
    return payload.errors.length ? payload.errors : done('events', own(event ? 'event_saved' : 'event_sent'));
  };
  const [first, second, third] = fixed;
  const controls = first && second && third ? [name, first, second, place, third, url, description] : [name, place, url, description];
  return form(t, { controls, submit: own(event ? 'event_save' : 'event_send'), send, between: [published && h('p.notice', {}, own('event_fixed', { name: sales.account.manifest.name }))] });
}

/** The last question before an event is cancelled. */
function cancelling(sales: Sales, event: Own): HTMLFormElement {
  const { account: { core, done }, own } = sales;
  return form(worded(sales), {
    controls: [],
    between: [h('p.notice', {}, own('event_cancel_hint'))],
    submit: own('event_cancel_yes'),
    send: async () => {
      const { payload } = await core.graphql(cancelMyEvent, { input: { id: event.id } });
      return payload.errors.length ? payload.errors : done('events', own('event_cancelled_done'));
    },
  });
}
