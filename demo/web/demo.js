// The calendar of the programme: @event-calendar/core, fed by our own /events.json month by month. It is a Svelte
// component, which under `require-trusted-types-for 'script'` needs the policy named in the page's CSP.
import { createCalendar, DayGrid, List } from '@event-calendar/core';

const target = document.querySelector('#calendar');

if (target) {
  const { lang } = document.documentElement;
  const { today, month, list, empty, previous, next, close, more } = target.dataset;
  const narrow = matchMedia('(max-width: 43rem)');
  const height = () => (narrow.matches ? '38rem' : 'auto');
  const view = () => (narrow.matches ? 'listMonth' : 'dayGridMonth');
  const day = new Intl.DateTimeFormat(lang, { weekday: 'long', day: 'numeric', month: 'long' });

  /** An evening as a link, which says its day too: events lie beside their day in the page, not in it. */
  const link = ({ event, timeText }) => {
    const a = Object.assign(document.createElement('a'), { className: 'ec-event-link', href: event.extendedProps.href });
    a.setAttribute('aria-label', `${event.title}, ${day.format(event.start)}, ${timeText}`);
    const time = Object.assign(document.createElement('time'), { className: 'ec-event-time', textContent: timeText });
    const title = Object.assign(document.createElement('span'), { className: 'ec-event-title', textContent: event.title });
    a.append(time, title);
    return { domNodes: [a] };
  };

  // The component calls itself a table or a list without the rows and items that these must have: plain
  // text with links is understood better.
  const roles = '[role=table],[role=row],[role=columnheader],[role=cell],[role=list],[role=listitem]';
  const plain = () => {
    for (const element of target.querySelectorAll(roles)) element.removeAttribute('role');
    for (const column of target.querySelectorAll('[aria-colindex]')) column.removeAttribute('aria-colindex');
    for (const name of target.querySelectorAll('.ec-col-head [aria-label]')) name.removeAttribute('aria-label');
  };
  new MutationObserver(plain).observe(target, { subtree: true, childList: true, attributeFilter: ['role'] });

  const calendar = createCalendar(target, [DayGrid, List], {
    view: view(),
    locale: lang,
    firstDay: 1,
    height: height(),
    dayMaxEvents: 2,
    noEventsContent: empty,
    buttonText: { today, dayGridMonth: month, listMonth: list, prev: previous, next, close },
    headerToolbar: { start: 'title', center: '', end: 'dayGridMonth,listMonth today prev,next' },
    eventTimeFormat: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    eventSources: [{
      events: async ({ startStr, endStr }) => {
        const answer = await fetch(`/events.json?from=${startStr.slice(0, 10)}&to=${endStr.slice(0, 10)}&lang=${lang}`);
        return answer.ok ? answer.json() : [];
      },
    }],
    eventClassNames: ({ event }) => [event.extendedProps.kind],
    eventContent: link,
    moreLinkContent: ({ num }) => more.replace('{n}', num),
  });
  narrow.addEventListener('change', () => {
    calendar.setOption('height', height()).setOption('view', view());
  });
}
