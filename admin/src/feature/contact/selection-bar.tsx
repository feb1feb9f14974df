import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Merge, RotateCcw, Trash2, X } from 'lucide-react';
import { Link } from 'react-router';
import { useSend, useTellErrors } from '@/api/send';
import { BatchButton } from '@/feature/batch/batch-button';
import { MessageButton } from '@/feature/campaign/message-button';
import { ExportButton } from '@/feature/export/export-button';
import { useSession } from '@/feature/session/session';
import { DeleteContactsDocument, EmptyTrashDocument, RestoreContactsDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import type { Matching } from './list-params';
import { barButton } from './many-button';
import css from './selection-bar.module.css';

// The API's limit for one call.
const most = 1000;

const portions = (ids: string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / most) }, (_, part) => ids.slice(part * most, (part + 1) * most));

/** Moves contacts to the trash and back, with a way to undo right away. */
export function useTrash(onDone: () => void) {
  const { t, tn } = useLocale();
  const { send: sendDelete, busy: deleting } = useSend(DeleteContactsDocument);
  const { send: sendRestore, busy: restoring } = useSend(RestoreContactsDocument);
  const ok = useTellErrors();

  const restore = async (ids: string[]) => {
    for (const part of portions(ids)) if (!ok(await sendRestore({ input: { ids: part } }))) return;
    notifications.show({ message: tn('contact.list.restored', ids.length) });
    onDone();
  };
  const remove = async (ids: string[]) => {
    for (const part of portions(ids)) if (!ok(await sendDelete({ input: { ids: part } }))) return;
    const notice = notifications.show({
      autoClose: 9000,
      message: (
        <span className={css.notice}>
          {tn('contact.list.deleted', ids.length)}
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => {
              notifications.hide(notice);
              void restore(ids);
            }}
          >
            {t('action.undo')}
          </Button>
        </span>
      ),
    });
    onDone();
  };
  return { remove, restore, busy: deleting || restoring };
}

/** Deletes contacts of the trash for good: those named, or all of it. */
export function useErase(onDone: () => void) {
  const { t, tn } = useLocale();
  const ask = useConfirm();
  const { send, busy } = useSend(EmptyTrashDocument);
  const ok = useTellErrors();
  const erase = async (ids: string[] | null) => {
    const title = ids ? t('contact.list.eraseTitle') : t('contact.list.emptyTrashTitle');
    if (!(await ask({ title, text: t('contact.list.emptyTrashText'), yes: t('contact.list.erase'), danger: true }))) return;
    let [erased, kept] = [0, 0];
    for (const part of ids ? portions(ids) : [null]) {
      const payload = await send({ input: { ids: part } });
      if (!payload || !ok(payload)) return;
      erased += payload.erasedCount;
      kept += payload.keptCount;
    }
    notifications.show({ message: [tn('contact.list.erased', erased), kept > 0 ? tn('contact.list.erasedKept', kept) : ''].join(' ') });
    onDone();
  };
  return { erase, busy };
}

interface Props {
  ids: ReadonlySet<string>;
  /** Set when all that match are selected, beyond those that are loaded, which `ids` are. */
  all?: { matching: Matching; count: number } | undefined;
  trash: boolean;
  onClear: () => void;
  onDone: () => void;
}

/** What can be done with the contacts that are selected; nothing while none is. */
export function SelectionBar({ ids, all, trash, onClear, onDone }: Props) {
  const { t, tn } = useLocale();
  const { can } = useSession();
  const { remove, restore, busy } = useTrash(onDone);
  const { erase, busy: erasing } = useErase(onDone);
  if (ids.size === 0) return null;
  const count = all?.count ?? ids.size;
  return (
    <div className={css.bar} role="region" aria-label={t('contact.list.selection')}>
      <span className={css.count}>{tn('contact.list.selected', count)}</span>
      {(all || !trash) && <BatchButton onBar scope={all?.matching ?? { contactIds: [...ids] }} count={count} trash={trash} onDone={onDone} />}
      {!trash && <MessageButton onBar scope={all?.matching ?? { contactIds: [...ids] }} count={count} />}
      <ExportButton onBar scope={all?.matching ?? { contactIds: [...ids], trash }} count={count} />
      {!all && !trash && ids.size === 2 && can('OPERATOR') && (
        <Button {...barButton} component={Link} to={`/merge/${[...ids].join('/')}`} leftSection={<Merge size={14} aria-hidden />}>
          {t('duplicate.merge')}
        </Button>
      )}
      {all ? null : trash ? (
        <>
          <Button {...barButton} loading={busy} leftSection={<RotateCcw size={14} aria-hidden />} onClick={() => void restore([...ids])}>
            {t('contact.restore')}
          </Button>
          {can('MANAGER') && (
            <Button {...barButton} color="red" loading={erasing} leftSection={<Trash2 size={14} aria-hidden />} onClick={() => void erase([...ids])}>
              {t('contact.list.erase')}
            </Button>
          )}
        </>
      ) : (
        <Button {...barButton} loading={busy} leftSection={<Trash2 size={14} aria-hidden />} onClick={() => void remove([...ids])}>
          {t('contact.toTrash')}
        </Button>
      )}
      <button type="button" className={css.close} onClick={onClear} aria-label={t('contact.list.clearSelection')}>
        <X size={16} aria-hidden />
      </button>
    </div>
  );
}
