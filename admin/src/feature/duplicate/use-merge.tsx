import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { MergeContactsDocument, UndoMergeDocument, type TakeInput } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import css from './duplicate.module.css';

/** Parts two merged contacts again. */
export function useUndoMerge(onDone?: () => void) {
  const { t } = useLocale();
  const { send, busy } = useSend(UndoMergeDocument);
  const ok = useTellErrors();
  const undo = async (id: string) => {
    if (!ok(await send({ input: { id } }))) return;
    confirmDone(t('duplicate.parted'));
    onDone?.();
  };
  return { undo, busy };
}

/** Makes two contacts one, with a way to undo right away. Gives the survivor's id, null when it was refused. */
export function useMerge() {
  const { t } = useLocale();
  const { send, busy } = useSend(MergeContactsDocument);
  const { undo } = useUndoMerge();
  const ok = useTellErrors();
  const merge = async (ids: string[], take: TakeInput[]): Promise<string | null> => {
    const payload = await send({ input: { ids, take } });
    if (!payload || !ok(payload) || !payload.contact || !payload.merge) return null;
    const { id } = payload.merge;
    const notice = notifications.show({
      autoClose: 12_000,
      message: (
        <span className={css.notice}>
          {t('duplicate.merged', { name: payload.contact.displayName })}
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => {
              notifications.hide(notice);
              void undo(id);
            }}
          >
            {t('action.undo')}
          </Button>
        </span>
      ),
    });
    return payload.contact.id;
  };
  return { merge, busy };
}
