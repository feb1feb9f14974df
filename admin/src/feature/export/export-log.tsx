import { useQuery } from 'urql';
import { ExportsDocument, type ExportsQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Problem } from '@/part/state';
import { Ago } from '@/part/when';

type Noted = ExportsQuery['exports'][number];

/** What left the book: who took it, when, what and how much. For managers. */
export function ExportLog() {
  const { t, format } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: ExportsDocument, requestPolicy: 'cache-and-network' });
  const what = useWhat();
  if (error && !data) return <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />;
  if (!data || data.exports.length === 0) return null;
  return (
    <Sheet title={t('export.log')} lead={t('export.logLead')}>
      <DataTable
        label={t('export.log')}
        rows={data.exports}
        rowKey={(row) => row.id}
        faded={(row) => row.written === null}
        columns={[
          { key: 'who', header: t('export.who'), phone: 'title', cell: (row) => row.actorName },
          { key: 'what', header: t('export.what'), cell: what },
          { key: 'format', header: t('export.format'), width: '7rem', cell: (row) => t(`export.short.${row.format}`) },
          {
            key: 'count',
            header: t('export.contacts'),
            align: 'right',
            width: '9rem',
            cell: (row) => (row.written === null ? t('export.notFetched') : format.number(row.written)),
          },
          { key: 'when', header: t('export.when'), width: '10rem', cell: (row) => <Ago at={row.createdAt} /> },
        ]}
      />
    </Sheet>
  );
}

function useWhat(): (row: Noted) => string {
  const { t, tn, format } = useLocale();
  return (row) => {
    if (row.selected > 0) return tn('export.whatChosen', row.selected, { count: format.number(row.selected) });
    if (row.search) return t('export.whatSearch', { text: row.search });
    if (row.segmentId) return t('export.whatSegment');
    if (row.filter !== null) return t('export.whatFilter');
    return t('export.whatAll');
  };
}
