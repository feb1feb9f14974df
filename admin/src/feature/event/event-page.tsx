import { Anchor, Drawer } from '@mantine/core';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { useQuery } from 'urql';
import { confirmDone } from '@/api/send';
import { CatalogueHistory } from '@/feature/catalogue/catalogue-history';
import { EventDocument, type EventQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Page, Sheet } from '@/part/page';
import { useSiteTime } from '@/part/site-time';
import { Loading, Problem } from '@/part/state';
import { EventActions } from './event-actions';
import { EventForm } from './event-form';
import { EventNotice } from './event-notice';
import { EventPeople } from './event-people';
import { EventSales } from './event-sales';
import { TicketTypes } from './ticket-types';
import { EventStateTag, useTaken } from './words';
import css from './event.module.css';

type Event = EventQuery['event'];

/** An event: what is sold of it, its tickets, who has a part in it. */
export default function EventPage() {
  const { t } = useLocale();
  const { id = '' } = useParams();
  const [{ data, error }, reload] = useQuery({ query: EventDocument, variables: { id }, requestPolicy: 'cache-and-network' });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const [editing, setEditing] = useState(false);
  const event = data?.event;
  const back = { to: '/events', label: t('nav.events') };
  if (!event) {
    return (
      <Page title={t('nav.events')} back={back}>
        {error ? <Problem error={error} retry={refresh} /> : <Loading />}
      </Page>
    );
  }
  return (
    <Page
      title={event.name}
      back={back}
      heading={
        <span className={css.heading}>
          {event.name} <EventStateTag state={event.state} />
        </span>
      }
      actions={<EventActions event={event} onEdit={() => setEditing(true)} onChange={refresh} />}
    >
      <EventNotice event={event} />
      <EventSales event={event} />
      <TicketTypes event={event} onChange={refresh} />
      <Details event={event} />
      <EventPeople event={event} onChange={refresh} />
      <CatalogueHistory key={event.state} of={event.id} />
      <Drawer opened={editing} onClose={() => setEditing(false)} title={t('event.edit')} closeButtonProps={{ 'aria-label': t('action.close') }}>
        <EventForm
          event={event}
          onClose={() => setEditing(false)}
          onSaved={() => {
            setEditing(false);
            confirmDone(t('form.saved'));
            refresh();
          }}
        />
      </Drawer>
    </Page>
  );
}

function Details({ event }: { event: Event }) {
  const { t } = useLocale();
  const time = useSiteTime();
  const taken = useTaken();
  return (
    <Sheet title={t('event.details')}>
      <dl className={css.facts}>
        <dt>{t('event.when')}</dt>
        <dd>{time.span(event.startsAt, event.endsAt)}</dd>
        {event.cancelledAt && (
          <>
            <dt>{t('event.cancelledAt')}</dt>
            <dd>{time.moment(event.cancelledAt)}</dd>
          </>
        )}
        {event.place && (
          <>
            <dt>{t('event.place')}</dt>
            <dd>{event.place}</dd>
          </>
        )}
        <dt>{t('event.places')}</dt>
        <dd>{event.capacity === null ? t('event.noLimit') : taken(event)}</dd>
        {event.organizer && (
          <>
            <dt>{t('event.organizer')}</dt>
            <dd>
              <Anchor component={Link} to={`/contacts/${event.organizer.id}`}>
                {event.organizer.displayName}
              </Anchor>
            </dd>
          </>
        )}
        {event.description && (
          <>
            <dt>{t('event.description')}</dt>
            <dd className={css.long}>{event.description}</dd>
          </>
        )}
        {event.url && (
          <>
            <dt>{t('event.url')}</dt>
            <dd>
              <Anchor href={event.url} rel="noreferrer noopener" target="_blank">
                {event.url}
              </Anchor>
            </dd>
          </>
        )}
        {event.reference && (
          <>
            <dt>{t('event.reference')}</dt>
            <dd>{event.reference}</dd>
          </>
        )}
      </dl>
    </Sheet>
  );
}
