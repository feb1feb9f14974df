import { Button } from '@mantine/core';
import { Download, Undo2 } from 'lucide-react';
import { Link, useNavigate } from 'react-router';
import { tell, useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { ImportContactsDocument, RevertImportDocument, type ImportRunFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import css from './import-run.module.css';
import { refusalText } from './problem';

/** What can be done with a run that is over: import after a trial, fetch refused rows, take it back. */
export function RunActions({ run, onRun }: { run: ImportRunFullFragment; onRun: (run: ImportRunFullFragment) => void }) {
  const locale = useLocale();
  const { t } = locale;
  const { can } = useSession();
  const navigate = useNavigate();
  const confirm = useConfirm();
  const ok = useTellErrors();
  const start = useSend(ImportContactsDocument);
  const revert = useSend(RevertImportDocument);
  if (!can('OPERATOR') || run.status === 'RUNNING' || run.status === 'REVERTING') return null;

  const importNow = async () => {
    if (!run.uploadId) return;
    const mapping = run.columns.flatMap((column, i) => (column.target ? [{ column: i, target: column.target }] : []));
    const payload = await start.send({
      input: {
        uploadId: run.uploadId,
        format: run.format === 'VCARD' ? 'AUTO' : run.format,
        groupId: run.groupId,
        policy: run.policy,
        matchBy: run.matchBy,
        ...(mapping.length > 0 && { mapping, valueMapping: run.values.map(({ column, from, to }) => ({ column, from, to })) }),
      },
    });
    for (const one of payload?.errors ?? []) tell(refusalText(locale, one));
    if (payload?.run) void navigate(`/import/${payload.run.id}`);
  };
  const takeBack = async () => {
    if (!(await confirm({ title: t('import.revert.title'), text: t('import.revert.text'), yes: t('import.revert.do') }))) return;
    const payload = await revert.send({ input: { id: run.id } });
    if (ok(payload) && payload?.run) onRun(payload.run);
  };
  const wrote = !run.dryRun && run.created + run.updated > 0 && (run.status !== 'REVERTED' || run.kept > 0);
  return (
    <div className={css.buttons}>
      {run.refusedRowsUrl && (
        <Button component="a" href={new URL(run.refusedRowsUrl).pathname} download variant="default" leftSection={<Download size={16} aria-hidden />}>
          {t('import.refusedFile')}
        </Button>
      )}
      {wrote && (
        <Button variant="default" leftSection={<Undo2 size={16} aria-hidden />} onClick={() => void takeBack()} loading={revert.busy}>
          {t('import.revert.do')}
        </Button>
      )}
      {run.status === 'CHECKED' && run.uploadId && (
        <>
          <Button component={Link} to={`/import/file/${run.uploadId}`} variant="default">
            {t('import.changeFile')}
          </Button>
          <Button onClick={() => void importNow()} loading={start.busy} disabled={run.created + run.updated === 0}>
            {t('import.importNow')}
          </Button>
        </>
      )}
    </div>
  );
}
