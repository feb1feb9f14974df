import { Anchor, Button, Drawer, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { CalendarDays, Plus, Rss, Search } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useQuery } from 'urql';
import { CatalogueHistoryButton } from '@/feature/catalogue/catalogue-history';
import { useSession } from '@/feature/session/session';
import { EventsDocument, type EventRowFragment, type EventState, type EventTime } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable, type Column } from '@/part/data-table';
import { Page } from '@/part/page';
import { Pager, usePages } from '@/part/pager';
import { useSiteTime } from '@/part/site-time';
import { Empty, Loading, Problem } from '@/part/state';
import { EventForm } from './event-form';
import { EventStateTag, useTaken } from './words';
import css from './event.module.css';

const times = ['COMING', 'PAST', 'ANY'] as const satisfies EventTime[];
const states = ['DRAFT', 'SUBMITTED', 'REFUSED', 'PUBLISHED', 'CANCELLED'] as const satisfies EventState[];

/** The site's events, with what is sold of them. */
export default function EventsPage() {
  const { t } = useLocale();
  const { can, site } = useSession();
  const go = useNavigate();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 200);
  const [time, setTime] = useState<EventTime>('COMING');
  const [state, setState] = useState<EventState | null>(null);
  const pages = usePages();
  const [{ data, error }, reload] = useQuery({
    query: EventsDocument,
    variables: { search, time, states: state ? [state] : null, after: pages.after },
    requestPolicy: 'cache-and-network',
  });
  const [adding, setAdding] = useState(false);
  const columns = useColumns();
  const add = can('MANAGER') && (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setAdding(true)}>
      {t('event.add')}
    </Button>
  );
  const narrowed = search !== '' || state !== null || time !== 'ANY';
  const rows = data?.events.nodes ?? [];
  return (
    <Page title={t('nav.events')} lead={t('event.lead')} actions={
        <>
          <Button component="a" variant="default" leftSection={<Rss size={15} aria-hidden />} href={`${site.serverUrl}/v1/calendar/${site.publicId}.ics`}>
            {t('event.feed')}
          </Button>
          <CatalogueHistoryButton />
          {add}
        </>
      }>
      <div className={css.tools} role="search" aria-label={t('event.find')}>
        <TextInput
          type="search"
          aria-label={t('event.search')}
          placeholder={t('event.search')}
          leftSection={<Search size={15} aria-hidden />}
          className={css.search}
          data-page-search
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            pages.reset();
          }}
        />
        <SegmentedControl
          aria-label={t('event.when')}
          value={time}
          onChange={(value) => {
            setTime(value as EventTime);
            pages.reset();
          }}
          data={times.map((value) => ({ value, label: t(`event.time.${value}`) }))}
        />
        <Select
          aria-label={t('event.stateLabel')}
          placeholder={t('event.anyState')}
          className={css.state}
          clearable
          clearButtonProps={{ 'aria-label': t('action.clear') }}
          value={state}
          onChange={(value) => {
            setState(value as EventState | null);
            pages.reset();
          }}
          data={states.map((value) => ({ value, label: t(`event.state.${value}`) }))}
        />
      </div>
      {error && !data ? (
        <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
      ) : !data ? (
        <Loading />
      ) : rows.length === 0 ? (
        <Empty icon={CalendarDays} title={narrowed ? t('event.none') : t('event.empty')} action={narrowed ? undefined : add}>
          {narrowed ? t('event.noneText') : t('event.emptyText')}
        </Empty>
      ) : (
        <>
          <DataTable label={t('nav.events')} rows={rows} rowKey={(row) => row.id} faded={(row) => row.state === 'CANCELLED'} columns={columns} />
          <Pager pages={pages.pages} go={pages.go} place={data.events.pageInfo} />
        </>
      )}
      <Drawer opened={adding} onClose={() => setAdding(false)} title={t('event.add')} closeButtonProps={{ 'aria-label': t('action.close') }}>
        <EventForm event={null} onClose={() => setAdding(false)} onSaved={(id) => void go(`/events/${id}`)} />
      </Drawer>
    </Page>
  );
}

function useColumns(): Column<EventRowFragment>[] {
  const { t } = useLocale();
  const time = useSiteTime();
  const taken = useTaken();
  return [
    {
      key: 'name',
      header: t('event.name'),
      phone: 'title',
      cell: (row) => (
        <span className={css.names}>
          <Anchor component={Link} to={`/events/${row.id}`} c="inherit" fw={560} className={css.name}>
            {row.name}
          </Anchor>
          {row.place && <span className={css.place}>{row.place}</span>}
        </span>
      ),
    },
    { key: 'when', header: t('event.when'), width: '18rem', cell: (row) => <span className="num">{time.span(row.startsAt, row.endsAt)}</span> },
    { key: 'state', header: t('event.stateLabel'), width: '8rem', cell: (row) => <EventStateTag state={row.state} /> },
    { key: 'sold', header: t('event.sold'), align: 'right', width: '8rem', cell: taken },
  ];
}
