import { Anchor, Button } from '@mantine/core';
import { Layers, Plus } from 'lucide-react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { useSession } from '@/feature/session/session';
import { SegmentsDocument, type SegmentFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable, type Column } from '@/part/data-table';
import { Page } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { Dot, Tag } from '@/part/tag';
import { Ago } from '@/part/when';
import { LiveCount } from './live-count';
import { TrendOf, useTrends } from './trend';
import css from './segment.module.css';

/** All segments, each with its count as it is at this moment. */
export default function SegmentsPage() {
  const { t } = useLocale();
  const { can } = useSession();
  const [{ data, error }, reload] = useQuery({ query: SegmentsDocument });
  const trends = useTrends();
  const columns: Column<SegmentFullFragment>[] = [
    {
      key: 'name',
      header: t('segment.name'),
      width: '34%',
      phone: 'title',
      cell: (segment) => (
        <Anchor component={Link} to={`/segments/${segment.id}`} c="inherit" fw={560}>
          <Dot color={segment.color} whole>
            {segment.name} {segment.broken.length > 0 && <Tag tone="danger">{t('segment.broken.tag')}</Tag>}
          </Dot>
        </Anchor>
      ),
    },
    { key: 'description', header: t('segment.description'), phone: 'hide', cell: (segment) => <span className={css.said}>{segment.description}</span> },
    { key: 'count', header: t('segment.count'), align: 'right', width: '9rem', cell: (segment) => <LiveCount id={segment.id} start={segment.count} /> },
    { key: 'trend', header: t('segment.history.days.30'), width: '8.5rem', cell: (segment) => <TrendOf trend={trends.get(segment.id)} /> },
    { key: 'updated', header: t('contact.column.UPDATED_AT'), width: '10rem', phone: 'hide', cell: (segment) => <Ago at={segment.updatedAt} /> },
  ];
  const add = can('MANAGER') && (
    <Button component={Link} to="/segments/new" leftSection={<Plus size={16} aria-hidden />}>
      {t('segment.add')}
    </Button>
  );
  return (
    <Page title={t('nav.segments')} lead={t('segment.lead')} actions={data && data.segments.length > 0 && add}>
      {error && !data ? (
        <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
      ) : !data ? (
        <Loading />
      ) : data.segments.length === 0 ? (
        <Empty icon={Layers} title={t('segment.empty')} action={add}>
          {t('segment.emptyText')}
        </Empty>
      ) : (
        <DataTable label={t('nav.segments')} rows={data.segments} rowKey={(segment) => segment.id} columns={columns} />
      )}
    </Page>
  );
}
