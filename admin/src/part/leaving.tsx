import { createContext, use, useCallback, useEffect, useRef, type ReactNode } from 'react';
import { useBlocker } from 'react-router';
import { useLocale } from '@/locale/locale';
import { useConfirm } from './confirm';

/** Counts a form in that holds what is not saved, and gives how to count it out. */
type Count = () => () => void;
const Context = createContext<Count | null>(null);

const stay = (event: BeforeUnloadEvent) => event.preventDefault();

/**
 * Asks before what was typed is lost: by going to another page, by closing the tab and by following a link out. The router
 * knows one who asks, so all forms below count themselves in here, and one is asked once, however many there are.
 */
export function LeavingGuard({ children }: { children: ReactNode }) {
  const { t } = useLocale();
  const confirm = useConfirm();
  const forms = useRef(0);
  const count = useCallback<Count>(() => {
    if (forms.current++ === 0) window.addEventListener('beforeunload', stay);
    return () => {
      if (--forms.current === 0) window.removeEventListener('beforeunload', stay);
    };
  }, []);
  const blocker = useBlocker(({ currentLocation, nextLocation }) => forms.current > 0 && currentLocation.pathname !== nextLocation.pathname);
  useEffect(() => {
    if (blocker.state !== 'blocked') return;
    void confirm({ title: t('form.leave'), text: t('form.leaveText'), yes: t('action.discard'), danger: true }).then((yes) => (yes ? blocker.proceed() : blocker.reset()));
  }, [blocker.state]);
  return <Context value={count}>{children}</Context>;
}

/** Has the page ask before it is left, while a form of it holds what is not saved. */
export function useUnsaved(dirty: boolean): void {
  const count = use(Context);
  if (!count) throw new Error('useUnsaved needs a LeavingGuard above');
  useEffect(() => (dirty ? count() : undefined), [dirty, count]);
}
