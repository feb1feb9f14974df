import { Button, Progress } from '@mantine/core';
import { RefreshCw } from 'lucide-react';
import { useQuery } from 'urql';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { ReleaseThrottleDocument, ThrottlesDocument, type ThrottlesQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { Ago } from '@/part/when';
import { EmbedFrame } from './embed-frame';
import css from './embed-page.module.css';
import { WorkSheet } from './work-sheet';

type Throttle = ThrottlesQuery['throttles'][number];

/** What is counted of tries at the site's doors now, and who must wait. */
export default function LimitsPage() {
  const { t } = useLocale();
  const [{ data, error, fetching }, reload] = useQuery({ query: ThrottlesDocument });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  return (
    <EmbedFrame title={t('embed.tab.limits')}>
      {data && <WorkSheet site={data.site} load={data.doorLoad} onChange={refresh} />}
      <Sheet
        title={t('embed.limit.title')}
        lead={t('embed.limit.lead')}
        aside={
          <Button variant="default" leftSection={<RefreshCw size={15} aria-hidden />} loading={fetching && !!data} onClick={refresh}>
            {t('embed.limit.refresh')}
          </Button>
        }
      >
        {data ? <Throttles throttles={data.throttles} onChange={refresh} /> : error ? <Problem error={error} retry={refresh} /> : <Loading />}
      </Sheet>
    </EmbedFrame>
  );
}

function Throttles({ throttles, onChange }: { throttles: readonly Throttle[]; onChange: () => void }) {
  const locale = useLocale();
  const { t, format } = locale;
  const { can } = useSession();
  const { send } = useSend(ReleaseThrottleDocument);
  const ok = useTellErrors();
  const nameOf = (limit: string) => locale.known('embed.limit.of', limit.replace('/', '-')) ?? limit;
  const release = async ({ id, who }: Throttle) => {
    if (!ok(await send({ input: { id } }))) return;
    confirmDone(t('embed.limit.released', { who: who || t('embed.limit.whole') }));
    onChange();
  };
  if (throttles.length === 0) return <p className="dim">{t('embed.limit.none')}</p>;
  return (
    <DataTable
      label={t('embed.limit.title')}
      rows={throttles}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'who',
          header: t('embed.limit.who'),
          phone: 'title',
          cell: ({ who, full }) => (
            <>
              {who || t('embed.limit.whole')} {full && <Tag tone="danger">{t('embed.limit.full')}</Tag>}
            </>
          ),
        },
        { key: 'limit', header: t('embed.limit.what'), cell: ({ limit }) => nameOf(limit) },
        {
          key: 'count',
          header: t('embed.limit.tries'),
          width: '11rem',
          cell: ({ count, most, full }) => (
            <span className={css.gauge}>
              <span className="num">{t('embed.limit.count', { count: format.number(count), most: format.number(most) })}</span>
              <Progress value={Math.min(100, (count / most) * 100)} color={full ? 'red' : 'pine'} size="sm" aria-hidden />
            </span>
          ),
        },
        { key: 'until', header: t('embed.limit.until'), width: '9rem', cell: ({ until }) => <Ago at={until} /> },
        {
          key: 'buttons',
          header: t('action.actions'),
          width: '8rem',
          phone: 'actions',
          cell: (throttle) =>
            can('OWNER') && (
              <Button size="xs" variant="subtle" color="gray" onClick={() => void release(throttle)} aria-label={t('embed.limit.releaseOf', { who: throttle.who || t('embed.limit.whole'), what: nameOf(throttle.limit) })}>
                {t('embed.limit.release')}
              </Button>
            ),
        },
      ]}
    />
  );
}
