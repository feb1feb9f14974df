import { useSyncExternalStore } from 'react';
import { connection, onConnection } from '@/api/connection';
import { useLocale } from '@/locale/locale';
import css from './connection-state.module.css';

/** Says so while the live connection is down and being tried again; nothing otherwise. */
export function ConnectionState() {
  const { t } = useLocale();
  const state = useSyncExternalStore(onConnection, connection);
  return (
    <div role="status" className={css.place}>
      {state === 'lost' && (
        <span className={css.lost}>
          <span className={css.pulse} aria-hidden />
          {t('nav.reconnecting')}
        </span>
      )}
    </div>
  );
}
