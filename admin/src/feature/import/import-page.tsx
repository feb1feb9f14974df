import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { ExportLog } from '@/feature/export/export-log';
import { useSession } from '@/feature/session/session';
import { ImportRunsDocument, type ImportRunFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable, type Column } from '@/part/data-table';
import { Page, Sheet } from '@/part/page';
import { Problem } from '@/part/state';
import { Ago } from '@/part/when';
import { RunStatus } from './run-status';
import { UploadForm } from './upload-form';

/** Brings contacts in from a file, and shows what became of earlier ones. */
export default function ImportPage() {
  const { t } = useLocale();
  const { can } = useSession();
  const [{ data, error }, reload] = useQuery({ query: ImportRunsDocument });
  const columns = useColumns();
  return (
    <Page title={t('nav.import')} lead={t('import.lead')}>
      {can('OPERATOR') && <UploadForm />}
      {error && !data && <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />}
      {data && data.importRuns.length > 0 && (
        <Sheet title={t('import.earlier')}>
          <DataTable label={t('import.earlier')} rows={data.importRuns} rowKey={(run) => run.id} columns={columns} />
        </Sheet>
      )}
      {can('MANAGER') && <ExportLog />}
    </Page>
  );
}

function useColumns(): Column<ImportRunFullFragment>[] {
  const { t, format } = useLocale();
  const number = (key: 'created' | 'updated' | 'refused'): Column<ImportRunFullFragment> => ({
    key,
    header: t(`import.${key}`),
    align: 'right',
    width: '7rem',
    cell: (run) => format.number(run[key]),
  });
  return [
    {
      key: 'file',
      header: t('import.file'),
      phone: 'title',
      cell: (run) => (
        <Anchor component={Link} to={`/import/${run.id}`} c="inherit" fw={560}>
          {run.fileName}
        </Anchor>
      ),
    },
    { key: 'status', header: t('import.status'), width: '8rem', cell: (run) => <RunStatus status={run.status} /> },
    number('created'),
    number('updated'),
    number('refused'),
    { key: 'started', header: t('import.started'), width: '10rem', cell: (run) => <Ago at={run.startedAt} /> },
  ];
}
