import { Button } from '@mantine/core';
import { FileQuestion } from 'lucide-react';
import { useParams } from 'react-router';
import { useSend, useTellErrors } from '@/api/send';
import { CancelBatchDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Page, Sheet } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { BatchState, RunCounts, RunItems } from './run-view';
import { useTargetWords } from './target-words';
import { isOver, useRun } from './use-run';

/** One batch: how far it is, and what became of its contacts. */
export default function BatchPage() {
  const { t, format } = useLocale();
  const words = useTargetWords();
  const { id = '' } = useParams();
  const { run, missing, error, reload, accept } = useRun(id);
  const { send, busy } = useSend(CancelBatchDocument);
  const ok = useTellErrors();
  const back = { to: '/batches', label: t('nav.batches') };
  if (!run) {
    return (
      <Page title={t('nav.batches')} back={back}>
        {error ? <Problem error={error} retry={reload} /> : missing ? <Empty icon={FileQuestion} title={t('batch.missing')} /> : <Loading />}
      </Page>
    );
  }
  const stop = async () => {
    const payload = await send({ input: { id } });
    if (ok(payload) && payload?.batch) accept(payload.batch);
  };
  const over = isOver(run);
  return (
    <Page
      title={t(`batch.name.${run.action}`)}
      back={back}
      lead={
        <>
          <BatchState status={run.status} /> {words(run)} · {run.actorName} · <time dateTime={run.createdAt}>{format.moment(run.createdAt)}</time>
        </>
      }
      actions={
        !over && (
          <Button variant="default" loading={busy} onClick={() => void stop()}>
            {t('batch.stop')}
          </Button>
        )
      }
    >
      <Sheet>
        <RunCounts run={run} />
        {over && run.failed > 0 && <RunItems id={run.id} state="FAILED" title={t('batch.did.failed')} />}
        {over && run.changed > 0 && <RunItems id={run.id} state="CHANGED" title={t('batch.did.changed')} />}
      </Sheet>
    </Page>
  );
}
