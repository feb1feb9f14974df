import { Button, Group, Modal, Select } from '@mantine/core';
import { useCallback, useState } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { textOf } from '@/api/error';
import { useSend, useTellErrors } from '@/api/send';
import type { ExportScope } from '@/feature/export/export-dialog';
import { BatchActionsDocument, CancelBatchDocument, RunBatchDocument, type BatchActionName, type BatchFullFragment, type BatchTargetInput } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Refused } from '@/part/form';
import { Loading, Problem } from '@/part/state';
import { ColorForm, GroupForm, LabelForm } from './classify-forms';
import { ConsentForm } from './consent-form';
import { EditForm } from './edit-form';
import { MemberForm } from './member-form';
import { targetOf, type Order, type OrderFormProps } from './order';
import { RefundForm } from './refund-form';
import { RunCounts, RunItems } from './run-view';
import { isOver, useRun } from './use-run';
import css from './batch.module.css';

interface Props {
  opened: boolean;
  onClose: () => void;
  scope: ExportScope;
  count: number | null;
  trash: boolean;
  onDone: (() => void) | undefined;
}

/** Does one thing to many contacts: first shows what would change, then does it and tells what became of each (P-16 to P-20, G-04). */
export function BatchDialog({ opened, onClose, scope, count, trash, onDone }: Props) {
  const { t } = useLocale();
  // What was done shows in the list once the dialog is left: a list that is read anew gives up its selection, and this with it.
  const [changed, setChanged] = useState(false);
  const close = () => {
    onClose();
    if (changed) onDone?.();
    setChanged(false);
  };
  return (
    <Modal opened={opened} onClose={close} size="lg" title={t('batch.title')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {opened && <Steps scope={scope} count={count} trash={trash} onClose={close} onRun={() => setChanged(true)} />}
    </Modal>
  );
}

function Steps({ scope, count, trash, onClose, onRun }: Pick<Props, 'scope' | 'count' | 'trash' | 'onClose'> & { onRun: () => void }) {
  const locale = useLocale();
  const { t, tn, format } = locale;
  const { send, busy } = useSend(RunBatchDocument);
  const [action, setAction] = useState<BatchActionName | null>(trash ? 'RESTORE' : null);
  const [order, setOrder] = useState<Order | null>(trash ? { action: 'RESTORE' } : null);
  const [runId, setRunId] = useState('');
  const [refused, setRefused] = useState<string[]>([]);
  const live = useRun(runId);

  const start = async (target: BatchTargetInput, dryRun: boolean) => {
    if (!order) return;
    // What a dry run showed is done once, however often it is asked for.
    const payload = await send({ input: { ...order, target, dryRun, ...(target.batchId && { idempotencyKey: target.batchId }) } });
    if (!payload) return;
    setRefused(payload.errors.map((one) => textOf(locale, one.code, one.message)));
    if (!payload.batch) return;
    live.accept(payload.batch);
    setRunId(payload.batch.id);
    if (!dryRun) onRun();
  };
  const choose = useCallback((next: BatchActionName) => {
    setAction(next);
    setRefused([]);
    setOrder(next === 'DELETE' || next === 'RESTORE' ? { action: next } : null);
  }, []);

  if (runId !== '') {
    return live.run ? (
      <Outcome run={live.run} busy={busy} refused={refused} onBack={() => setRunId('')} onGo={(run) => void start({ batchId: run.id }, false)} onClose={onClose} onStop={live.accept} />
    ) : live.error ? (
      <Problem error={live.error} retry={live.reload} />
    ) : (
      <Loading />
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        void start(targetOf(scope), true);
      }}
    >
      <p className={css.count}>{count === null ? ' ' : tn('batch.on', count, { count: format.number(count) })}</p>
      <Refused texts={refused} />
      <ActionSelect trash={trash} action={action} onChoose={choose} />
      {action && <OrderForm key={action} action={action} onChange={setOrder} />}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" loading={busy} disabled={order === null || count === 0}>
          {t('batch.try')}
        </Button>
      </Group>
    </form>
  );
}

function ActionSelect({ trash, action, onChoose }: { trash: boolean; action: BatchActionName | null; onChoose: (action: BatchActionName) => void }) {
  const { t } = useLocale();
  const [{ data }] = useQuery({ query: BatchActionsDocument });
  const offered = (data?.batchActions ?? []).filter(({ name, allowed }) => allowed && (name === 'RESTORE') === trash);
  return (
    <Select
      label={t('batch.action')}
      placeholder={t('batch.chooseAction')}
      allowDeselect={false}
      mb="md"
      data={offered.map(({ name }) => ({ value: name, label: t(`batch.name.${name}`) }))}
      value={action}
      onChange={(value) => {
        const chosen = offered.find(({ name }) => name === value);
        if (chosen) onChoose(chosen.name);
      }}
    />
  );
}

function OrderForm({ action, ...props }: { action: BatchActionName } & OrderFormProps) {
  const { t } = useLocale();
  switch (action) {
    case 'EDIT':
      return <EditForm {...props} />;
    case 'GROUP':
      return <GroupForm {...props} />;
    case 'LABEL':
      return <LabelForm {...props} />;
    case 'COLOR':
      return <ColorForm {...props} />;
    case 'CONSENT':
      return <ConsentForm {...props} />;
    case 'REFUND':
      return <RefundForm {...props} />;
    case 'MEMBER':
      return <MemberForm {...props} />;
    case 'DELETE':
    case 'RESTORE':
      return <p className="dim">{t(`batch.help.${action}`)}</p>;
  }
}

interface OutcomeProps {
  run: BatchFullFragment;
  busy: boolean;
  refused: string[];
  onBack: () => void;
  onGo: (run: BatchFullFragment) => void;
  onClose: () => void;
  onStop: (run: BatchFullFragment) => void;
}

/** What a dry run found, with the way on; or how far the work is, and what became of it. */
function Outcome({ run, busy, refused, onBack, onGo, onClose, onStop }: OutcomeProps) {
  const { t, tn, format } = useLocale();
  const { send, busy: stopping } = useSend(CancelBatchDocument);
  const ok = useTellErrors();
  const over = isOver(run);
  const stop = async () => {
    const payload = await send({ input: { id: run.id } });
    if (ok(payload) && payload?.batch) onStop(payload.batch);
  };
  return (
    <div>
      <p className={css.count}>
        {t(`batch.name.${run.action}`)} · {tn('batch.on', run.total, { count: format.number(run.total) })} · {run.dryRun ? t('batch.dryRun') : t(`batch.status.${run.status}`)}
      </p>
      <Refused texts={refused} />
      <RunCounts run={run} />
      {over && run.status === 'DONE' && run.total > 0 && run.changed === 0 && run.failed === 0 && <p>{t('batch.nothing')}</p>}
      {over && (
        <div className={css.sample} tabIndex={0} role="group" aria-label={t('batch.details')}>
          {run.failed > 0 && <RunItems id={run.id} state="FAILED" title={t(run.dryRun ? 'batch.would.failed' : 'batch.did.failed')} />}
          {run.action === 'MEMBER' && run.unchanged > 0 && <RunItems id={run.id} state="UNCHANGED" title={t('batch.member.already')} />}
          {run.dryRun && run.changed > 0 && <RunItems id={run.id} state="CHANGED" title={t('batch.samples')} />}
        </div>
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        {!over ? (
          <Button variant="default" loading={stopping} onClick={() => void stop()}>
            {t('batch.stop')}
          </Button>
        ) : run.dryRun ? (
          <>
            <Button variant="default" onClick={onBack}>
              {t('action.back')}
            </Button>
            <Button loading={busy} disabled={run.changed === 0} {...(run.action === 'DELETE' && { color: 'red' })} onClick={() => onGo(run)}>
              {tn('batch.go', run.changed, { count: format.number(run.changed) })}
            </Button>
          </>
        ) : (
          <>
            <Button variant="default" component={Link} to={`/batches/${run.id}`} onClick={onClose}>
              {t('batch.openRun')}
            </Button>
            <Button onClick={onClose} data-autofocus>
              {t('action.close')}
            </Button>
          </>
        )}
      </Group>
    </div>
  );
}
