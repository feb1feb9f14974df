import type { EmbedKeysQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Ago } from '@/part/when';

type Event = EmbedKeysQuery['embedEvents'][number];

/** Who did what about keys, limits and widgets of others. */
export function EmbedEvents({ events }: { events: readonly Event[] }) {
  const locale = useLocale();
  const { t } = locale;
  const about = ({ kind, what }: Event) => {
    if (kind === 'THROTTLE_RELEASED') return locale.known('embed.limit.of', what.replace('/', '-')) ?? what;
    if (kind === 'THIRD_PARTY_SAVED' || kind === 'THIRD_PARTY_REMOVED') return what;
    if (kind.startsWith('LOGIN_DOMAIN')) return what;
    return what && `…${what.slice(-4)}`;
  };
  return (
    <Sheet title={t('embed.event.title')}>
      {events.length === 0 ? (
        <p className="dim">{t('embed.event.none')}</p>
      ) : (
        <DataTable
          label={t('embed.event.title')}
          rows={events}
          rowKey={({ id }) => id}
          columns={[
            { key: 'what', header: t('embed.event.what'), phone: 'title', cell: (event) => [t(`embed.event.kind.${event.kind}`), about(event)].filter(Boolean).join(': ') },
            { key: 'who', header: t('embed.event.who'), cell: ({ actorName }) => actorName },
            { key: 'at', header: t('embed.event.when'), width: '10rem', cell: ({ at }) => <Ago at={at} /> },
          ]}
        />
      )}
    </Sheet>
  );
}
