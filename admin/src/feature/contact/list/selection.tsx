import { Button } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import { useLocale } from '@/locale/locale';
import type { Matching } from '../list-params';
import css from './selection.module.css';

/** The contacts that are picked for what can be done with many (S-85, T-33): some of those that are loaded, or all that match. */
export interface Selection {
  ids: ReadonlySet<string>;
  all: boolean;
  change: (ids: ReadonlySet<string>) => void;
  takeAll: () => void;
  clear: () => void;
}

/** Keeps a selection. Another question gives it up: what is not seen is not picked. */
export function useSelection(matching: Matching): Selection {
  const key = JSON.stringify(matching);
  const [state, setState] = useState<{ key: string; ids: ReadonlySet<string>; all: boolean }>({ key, ids: new Set(), all: false });
  const { ids, all } = state.key === key ? state : { ids: none, all: false };
  const change = useCallback((next: ReadonlySet<string>) => setState({ key, ids: next, all: false }), [key]);
  const takeAll = useCallback(() => setState((before) => ({ ...before, all: true })), []);
  const clear = useCallback(() => change(none), [change]);
  return useMemo(() => ({ ids, all, change, takeAll, clear }), [ids, all, change, takeAll, clear]);
}

const none: ReadonlySet<string> = new Set();

/** Offers all that match once all that are loaded are picked and there are more. */
export function TakeAll({ selection, loaded, total }: { selection: Selection; loaded: number; total: number | null }) {
  const { t, tn, format } = useLocale();
  if (total === null || total <= loaded || loaded === 0 || selection.ids.size < loaded) return null;
  return (
    <div className={css.line} role="status">
      {selection.all ? (
        <>
          {tn('contactList.allTaken', total, { count: format.number(total) })}
          <Button size="compact-sm" variant="subtle" onClick={selection.clear}>
            {t('contact.list.clearSelection')}
          </Button>
        </>
      ) : (
        <>
          {tn('contactList.loadedTaken', loaded, { count: format.number(loaded) })}
          <Button size="compact-sm" variant="subtle" onClick={selection.takeAll}>
            {tn('contactList.takeAll', total, { count: format.number(total) })}
          </Button>
        </>
      )}
    </div>
  );
}
