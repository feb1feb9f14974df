import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Merge, Undo2, UsersRound } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { Link, useNavigate } from 'react-router';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { DismissDuplicateDocument, RestoreDuplicateDocument, type DuplicateFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Reasons } from './reasons';
import { Side } from './side';
import css from './duplicate.module.css';

interface Props {
  pair: DuplicateFragment;
  onGone: () => void;
  /** Goes to the next pair or the one before. */
  onGo: (from: HTMLElement, step: number) => void;
}

/** Two contacts that are probably one. */
export function PairItem({ pair, onGone, onGo }: Props) {
  const { t } = useLocale();
  const { can } = useSession();
  const navigate = useNavigate();
  const { dismiss, restore, busy } = useDismiss(onGone);
  const [first, second] = pair.contacts;
  if (!first || !second) return null;
  const may = can('OPERATOR');
  const ids = [first.id, second.id];
  const merge = `/merge/${first.id}/${second.id}`;
  const keys = (event: KeyboardEvent<HTMLLIElement>) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      onGo(event.currentTarget, event.key === 'ArrowDown' ? 1 : -1);
    } else if (may && event.key.toLowerCase() === 'm' && !pair.dismissed) void navigate(merge);
    else if (may && event.key.toLowerCase() === 'n' && !pair.dismissed) {
      onGo(event.currentTarget, 1);
      void dismiss(ids);
    }
  };
  return (
    // The list item takes the focus, so that one key is enough for each pair; its buttons do the same.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/no-noninteractive-tabindex
    <li className={css.pair} tabIndex={0} onKeyDown={keys} aria-label={t('duplicate.pair', { first: first.displayName, second: second.displayName })}>
      <div className={css.why}>
        <strong className="num">{t('duplicate.score', { n: pair.score })}</strong>
        <Reasons reasons={pair.reasons} />
      </div>
      <div className={css.sides}>
        <Side contact={first} same={second} />
        <Side contact={second} same={first} />
      </div>
      {may && (
        <div className={css.buttons}>
          {pair.dismissed ? (
            <Button variant="default" size="xs" loading={busy} leftSection={<Undo2 size={14} aria-hidden />} onClick={() => void restore(ids)}>
              {t('duplicate.restore')}
            </Button>
          ) : (
            <>
              <Button component={Link} to={merge} size="xs" leftSection={<Merge size={14} aria-hidden />}>
                {t('duplicate.merge')}
              </Button>
              <Button variant="default" size="xs" loading={busy} leftSection={<UsersRound size={14} aria-hidden />} onClick={() => void dismiss(ids)}>
                {t('duplicate.dismiss')}
              </Button>
            </>
          )}
        </div>
      )}
    </li>
  );
}

/** Notes that two contacts are not one, with a way to undo right away. */
export function useDismiss(onGone: () => void) {
  const { t } = useLocale();
  const dismissing = useSend(DismissDuplicateDocument);
  const restoring = useSend(RestoreDuplicateDocument);
  const ok = useTellErrors();
  const restore = async (ids: string[]) => {
    if (!ok(await restoring.send({ input: { ids } }))) return;
    notifications.show({ message: t('duplicate.restored') });
    onGone();
  };
  const dismiss = async (ids: string[]) => {
    if (!ok(await dismissing.send({ input: { ids } }))) return;
    notifications.show({ message: t('duplicate.dismissedOne') });
    onGone();
  };
  return { dismiss, restore, busy: dismissing.busy || restoring.busy };
}
