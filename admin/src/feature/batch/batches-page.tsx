import { Anchor, Button } from '@mantine/core';
import { ListChecks } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { BatchRunsDocument, type BatchFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable, type Column } from '@/part/data-table';
import { Page, Sheet } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { Ago } from '@/part/when';
import { BatchState } from './run-view';
import { useTargetWords } from './target-words';

/** What was done to many contacts at once, newest first. */
export default function BatchesPage() {
  const { t } = useLocale();
  const [pages, setPages] = useState<string[]>(['']);
  return (
    <Page title={t('nav.batches')} lead={t('batch.lead')}>
      <Sheet>
        {pages.map((after, page) => (
          <RunsPage key={after} after={after} more={page === pages.length - 1 ? (cursor) => setPages([...pages, cursor]) : undefined} />
        ))}
      </Sheet>
    </Page>
  );
}

function RunsPage({ after, more }: { after: string; more: ((cursor: string) => void) | undefined }) {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: BatchRunsDocument, variables: after ? { after } : {}, requestPolicy: 'cache-and-network' });
  const columns = useColumns();
  if (error && !data) return <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />;
  if (!data) return <Loading />;
  const { nodes, pageInfo } = data.batchRuns;
  if (nodes.length === 0 && !after) {
    return (
      <Empty
        icon={ListChecks}
        title={t('batch.empty')}
        action={
          <Button variant="default" component={Link} to="/contacts">
            {t('nav.everyone')}
          </Button>
        }
      >
        {t('batch.emptyText')}
      </Empty>
    );
  }
  const cursor = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  return (
    <>
      <DataTable label={t('nav.batches')} rows={nodes} rowKey={(run) => run.id} columns={columns} />
      {cursor && more && (
        <Button mt="sm" variant="subtle" onClick={() => more(cursor)}>
          {t('action.more')}
        </Button>
      )}
    </>
  );
}

function useColumns(): Column<BatchFullFragment>[] {
  const { t, format } = useLocale();
  const words = useTargetWords();
  const number = (key: 'changed' | 'failed'): Column<BatchFullFragment> => ({ key, header: t(`batch.did.${key}`), align: 'right', width: '7rem', cell: (run) => format.number(run[key]) });
  return [
    {
      key: 'action',
      header: t('batch.action'),
      phone: 'title',
      cell: (run) => (
        <Anchor component={Link} to={`/batches/${run.id}`} c="inherit" fw={560}>
          {t(`batch.name.${run.action}`)}
        </Anchor>
      ),
    },
    { key: 'target', header: t('batch.who'), cell: words },
    { key: 'status', header: t('import.status'), width: '8rem', cell: (run) => <BatchState status={run.status} /> },
    number('changed'),
    number('failed'),
    { key: 'by', header: t('batch.by'), cell: (run) => run.actorName },
    { key: 'at', header: t('batch.at'), width: '9rem', cell: (run) => <Ago at={run.createdAt} /> },
  ];
}
