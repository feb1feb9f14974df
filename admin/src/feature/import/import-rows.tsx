import { Anchor, Button, SegmentedControl } from '@mantine/core';
import { ListFilter } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { Link } from 'react-router';
import { useClient, type CombinedError } from 'urql';
import { Changes } from '@/feature/contact/history-changes';
import { ImportRowsDocument, type ImportRevert, type ImportRowsQuery, type ImportRunFullFragment, type ImportVerdict } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import css from './import-run.module.css';
import { problemTexts } from './problem';
import { Verdict } from './run-status';

type Row = NonNullable<ImportRowsQuery['importRun']>['rows']['nodes'][number];

function useRows(id: string, verdict: ImportVerdict | null, revert: ImportRevert | null, round: string) {
  const client = useClient();
  const [rows, setRows] = useState<Row[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [error, setError] = useState<CombinedError | null>(null);
  const read = useCallback(
    async (after: string | null, wanted: () => boolean) => {
      const answer = await client.query(ImportRowsDocument, { id, verdict, revert, after }, { requestPolicy: 'network-only' }).toPromise();
      if (!wanted()) return;
      setError(answer.error ?? null);
      const page = answer.data?.importRun?.rows;
      if (!page) return;
      setRows((before) => (after && before ? [...before, ...page.nodes] : page.nodes));
      setCursor(page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);
    },
    [client, id, verdict, revert],
  );
  useEffect(() => {
    let current = true;
    setRows(null);
    void read(null, () => current);
    return () => {
      current = false;
    };
  }, [read, round]);
  return { rows, error, more: cursor === null ? null : () => void read(cursor, () => true) };
}

const verdicts: readonly ImportVerdict[] = ['CREATED', 'UPDATED', 'UNCHANGED', 'SKIPPED', 'REFUSED'];

/** What became of each row, in the file's order; of one verdict or of all. */
export function ImportRows({ id, run }: { id: string; run: ImportRunFullFragment }) {
  const { t } = useLocale();
  const [shown, setShown] = useState('');
  const verdict = verdicts.find((one) => one === shown) ?? null;
  const reverted = run.status === 'REVERTED';
  // Read again when the run ends; while it goes on the counters above tell enough.
  const { rows, error, more } = useRows(id, verdict, shown === 'KEPT' ? 'KEPT' : null, run.status);
  return (
    <Sheet title={t('import.results')}>
      <SegmentedControl
        mb="sm"
        classNames={{ root: css.filter, control: css.choice }}
        aria-label={t('import.filter')}
        value={shown}
        onChange={setShown}
        data={[
          { value: '', label: t('import.all') },
          ...verdicts.filter((value) => value !== 'SKIPPED' || run.skipped > 0).map((value) => ({ value, label: t(`import.verdict.${value}`) })),
          ...(reverted && run.kept > 0 ? [{ value: 'KEPT', label: t('import.revert.only') }] : []),
        ]}
      />
      {error ? (
        <Problem error={error} />
      ) : !rows ? (
        <Loading />
      ) : rows.length === 0 ? (
        <Empty icon={ListFilter} title={t('import.noRows')} />
      ) : (
        <DataTable
          label={t('import.results')}
          rows={rows}
          rowKey={(row) => String(row.line)}
          columns={[
            { key: 'line', header: t('import.line'), align: 'right', width: '5rem', phone: 'title', cell: (row) => <span className="num">{row.line}</span> },
            { key: 'verdict', header: t('import.verdictLabel'), width: '9rem', cell: (row) => <Verdict verdict={row.verdict} /> },
            { key: 'message', header: t('import.message'), phone: 'text', cell: (row) => (row.revert ?? row.message) || changedBy(row) > 0 ? <RowWords row={row} /> : null },
            {
              key: 'contact',
              header: t('contact.one'),
              width: '8rem',
              phone: 'actions',
              cell: (row) =>
                row.contactId && !run.dryRun && (
                  <Anchor component={Link} to={`/contacts/${row.contactId}`} aria-label={t('import.openLine', { line: row.line })}>
                    {t('action.open')}
                  </Anchor>
                ),
            },
          ]}
        />
      )}
      {more && (
        <Button variant="default" mt="md" onClick={more}>
          {t('action.more')}
        </Button>
      )}
    </Sheet>
  );
}

const changedBy = (row: Row): number => (typeof row.changes === 'object' && row.changes !== null ? Object.keys(row.changes).length : 0);

function Told({ texts }: { texts: readonly string[] }) {
  return texts.map((text) => (
    <p key={text} className={css.told}>
      {text}
    </p>
  ));
}

/** What a row's warning or reason is, what it changed, and what became of it when the import was taken back. */
function RowWords({ row }: { row: Row }) {
  const locale = useLocale();
  const { t, tn } = locale;
  const count = changedBy(row);
  return (
    <div className={css.words}>
      {row.revert && (
        <>
          <Tag tone={row.revert === 'UNDONE' ? 'plain' : 'danger'}>{t(`import.revert.${row.revert}`)}</Tag>
          <Told texts={problemTexts(locale, row.revertProblems, row.revertMessage)} />
        </>
      )}
      <Told texts={problemTexts(locale, row.problems, row.message)} />
      {count > 0 && (
        <details className={css.changes}>
          <summary aria-label={t('import.changes', { line: row.line })}>{tn('import.showChanges', count)}</summary>
          <Changes json={row.changes} born={row.verdict === 'CREATED'} />
        </details>
      )}
    </div>
  );
}
