import { Alert, Progress } from '@mantine/core';
import { CircleAlert, FileQuestion, FlaskConical } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useParams } from 'react-router';
import { useQuery, useSubscription } from 'urql';
import { ImportProgressDocument, ImportRunDocument, type ImportRunFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { LiveNumber } from '@/part/live-number';
import { Page, Sheet } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { ImportRows } from './import-rows';
import { problemTexts } from './problem';
import { RunActions } from './run-actions';
import { RunStatus } from './run-status';
import { Steps } from './steps';
import css from './import-run.module.css';

/** Reads a run and follows it while it goes on. */
function useRun(id: string) {
  const [{ data, error }, reload] = useQuery({ query: ImportRunDocument, variables: { id } });
  const [run, setRun] = useState<ImportRunFullFragment | null>(null);
  const over = run !== null && run.status !== 'RUNNING' && run.status !== 'REVERTING';
  const [{ data: event }] = useSubscription({ query: ImportProgressDocument, variables: { id }, pause: over });
  useEffect(() => {
    if (data?.importRun) setRun(data.importRun);
  }, [data]);
  useEffect(() => {
    if (event?.batchProgress.__typename === 'ImportRun') setRun(event.batchProgress);
  }, [event]);
  return { run, setRun, missing: data !== undefined && data.importRun === null, error: run ? undefined : error, reload: () => reload({ requestPolicy: 'network-only' }) };
}

/** An import: how far it is, and what became of each row. */
export default function ImportRunPage() {
  const locale = useLocale();
  const { t, format } = locale;
  const { id = '' } = useParams();
  const { run, setRun, missing, error, reload } = useRun(id);
  const back = { to: '/import', label: t('nav.import') };
  if (!run) {
    return (
      <Page title={t('nav.import')} back={back}>
        {error ? <Problem error={error} retry={reload} /> : missing ? <Empty icon={FileQuestion} title={t('import.gone')} /> : <Loading />}
      </Page>
    );
  }
  const problem = problemTexts(locale, run.problems, run.problem).join(' ');
  return (
    <Page
      title={run.fileName}
      back={back}
      actions={<RunActions run={run} onRun={setRun} />}
      lead={
        <span className={css.lead}>
          <RunStatus status={run.status} />
          <span>{t(`import.formatOf.${run.format}`)}</span>
          <time dateTime={run.startedAt}>{format.moment(run.startedAt)}</time>
        </span>
      }
    >
      <Steps at={run.dryRun ? 'try' : 'done'} />
      {run.status === 'CHECKED' && (
        <Alert color="gray" mb="md" icon={<FlaskConical size={18} aria-hidden />} title={t('import.tried')}>
          {t('import.triedLead')}
        </Alert>
      )}
      {problem && run.status !== 'FAILED' && (
        <Alert color="yellow" mb="md" icon={<CircleAlert size={18} aria-hidden />} role="alert">
          {problem}
        </Alert>
      )}
      {run.status === 'FAILED' && (
        <Alert color="red" mb="md" icon={<CircleAlert size={18} aria-hidden />} role="alert" title={t('import.failed')}>
          {problem}
        </Alert>
      )}
      <Counters run={run} />
      <ImportRows id={id} run={run} />
    </Page>
  );
}

const counters = ['created', 'updated', 'unchanged', 'skipped', 'refused'] as const;

function Counters({ run }: { run: ImportRunFullFragment }) {
  const { t, tn } = useLocale();
  const share = (count: number) => {
    const all = run.status === 'RUNNING' ? (run.rowsInFile ?? run.total) : run.total;
    return all > 0 ? (count / all) * 100 : 0;
  };
  const colors = { created: 'pine.6', updated: 'blue.6', unchanged: 'gray.4', skipped: 'gray.6', refused: 'red.6' };
  if (run.status === 'REVERTING' || run.status === 'REVERTED') return <Undone run={run} />;
  const shown = counters.filter((key) => key !== 'skipped' || run.skipped > 0);
  return (
    <Sheet>
      <div className={css.counters} aria-live="polite">
        <div>
          <span className={css.number}>
            <LiveNumber value={run.total} />
          </span>
          <span className="dim">{tn('import.rows', run.total)}</span>
        </div>
        {shown.map((key) => (
          <div key={key}>
            <span className={css.number}>
              <LiveNumber value={run[key]} />
            </span>
            <span className="dim">{t(`import.${key}`)}</span>
          </div>
        ))}
      </div>
      <Progress.Root size="lg" radius="sm">
        {run.status === 'RUNNING' && run.total === 0 ? (
          <Progress.Section value={100} striped animated aria-label={t('import.running')} />
        ) : (
          shown.map((key) => <Progress.Section key={key} value={share(run[key])} color={colors[key]} animated={run.status === 'RUNNING'} aria-label={t(`import.${key}`)} />)
        )}
      </Progress.Root>
    </Sheet>
  );
}

/** How far taking an import back is. */
function Undone({ run }: { run: ImportRunFullFragment }) {
  const { t } = useLocale();
  const share = (count: number) => (run.undoOf > 0 ? (count / run.undoOf) * 100 : 0);
  const active = run.status === 'REVERTING';
  return (
    <Sheet>
      <div className={css.counters} aria-live="polite">
        {(['undone', 'kept'] as const).map((key) => (
          <div key={key}>
            <span className={css.number}>
              <LiveNumber value={run[key]} />
            </span>
            <span className="dim">{t(`import.revert.${key}`)}</span>
          </div>
        ))}
      </div>
      <Progress.Root size="lg" radius="sm">
        <Progress.Section value={share(run.undone)} color="pine.6" animated={active} aria-label={t('import.revert.undone')} />
        <Progress.Section value={share(run.kept)} color="red.6" animated={active} aria-label={t('import.revert.kept')} />
      </Progress.Root>
    </Sheet>
  );
}
