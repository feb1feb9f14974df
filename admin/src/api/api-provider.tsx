import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { Provider } from 'urql';
import { useLocale } from '@/locale/locale';
import { openApi } from './client';
import { setConnection } from './connection';

interface SessionSwitch {
  /** Whether the server said that the session has ended. */
  ended: boolean;
  /** Starts anew after signing in or out: nothing of another session's cache may be seen. */
  restart: () => void;
}

const Context = createContext<SessionSwitch | null>(null);

/** Gives the client to everything below: a new one for each session and language. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const { language } = useLocale();
  const [session, setSession] = useState(0);
  const [ended, setEnded] = useState(false);
  const api = useMemo(() => {
    // Named so that a new session gets a new client even in the same language.
    void session;
    return openApi(language, () => setEnded(true));
  }, [language, session]);
  useEffect(
    () => () => {
      api.close();
      setConnection('idle');
    },
    [api],
  );
  const restart = useCallback(() => {
    setEnded(false);
    setSession((number) => number + 1);
  }, []);
  const value = useMemo(() => ({ ended, restart }), [ended, restart]);
  return (
    <Context value={value}>
      <Provider value={api.client}>{children}</Provider>
    </Context>
  );
}

/** Whether the session ended, and how to begin a new one. */
export function useSessionSwitch(): SessionSwitch {
  const value = use(Context);
  if (!value) throw new Error('useSessionSwitch needs an ApiProvider above');
  return value;
}
