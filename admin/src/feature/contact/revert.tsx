import { confirmDone, useSend, useTellErrors } from '@/api/send';
import type { Json } from '@/api/scalar';
import { RevertChangeDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { reversed } from './history';
import { Changes } from './history-changes';

/** Takes a change of the history back, once somebody has seen what that does. */
export function useRevert() {
  const { t } = useLocale();
  const ask = useConfirm();
  const { send, busy } = useSend(RevertChangeDocument);
  const ok = useTellErrors();
  const revert = async (entry: { id: string; changes: Json }) => {
    const text = (
      <>
        <p>{t('contact.history.revertText')}</p>
        <Changes json={reversed(entry.changes)} />
      </>
    );
    if (!(await ask({ title: t('contact.history.revertTitle'), text, yes: t('contact.history.revert') }))) return;
    if (ok(await send({ input: { entryId: entry.id } }))) confirmDone(t('contact.history.reverted'));
  };
  return { revert, busy };
}
