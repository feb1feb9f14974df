import { useEffect, useRef, type RefObject } from 'react';
import type { ContactListRow } from './columns';

interface Keys {
  frame: RefObject<HTMLElement | null>;
  rows: readonly ContactListRow[];
  /** Brings a row onto the screen. */
  show: (index: number) => void;
  selection?: { ids: ReadonlySet<string>; onChange: (ids: ReadonlySet<string>) => void } | undefined;
}

// Where letters are typed, or where arrows already mean something.
const busy = 'input:not([type="checkbox"]), textarea, select, [contenteditable], [role="dialog"], [role="menu"], [role="listbox"], [role="radiogroup"]';

/**
 * j and k, or the arrows, go from row to row; the focus goes along, so that Enter opens the contact and a
 * screen reader tells where one is. x ticks the row, Escape gives up what is ticked.
 */
export function useListKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { frame, rows, show, selection } = latest.current;
      if (!frame.current || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const at = document.activeElement;
      if (at?.closest(busy) || document.querySelector('[role="dialog"]')) return;
      const inside = frame.current.contains(at);
      const row = inside ? at?.closest<HTMLElement>('[data-index]') : null;
      const index = row ? Number(row.dataset['index']) : -1;
      const step = event.key === 'j' || (event.key === 'ArrowDown' && row) ? 1 : event.key === 'k' || (event.key === 'ArrowUp' && row) ? -1 : 0;
      if (step !== 0) {
        const next = index < 0 ? firstShown(frame.current) : Math.min(rows.length - 1, Math.max(0, index + step));
        if (next === null || !rows[next]) return;
        event.preventDefault();
        show(next);
        frame.current.querySelector<HTMLElement>(`[data-index="${next}"] [data-row-link]`)?.focus({ preventScroll: true });
      } else if (event.key === 'x' && selection) {
        const one = rows[index];
        if (!one) return;
        event.preventDefault();
        const ids = new Set(selection.ids);
        if (!ids.delete(one.id)) ids.add(one.id);
        selection.onChange(ids);
      } else if (event.key === 'Escape' && selection && selection.ids.size > 0) selection.onChange(new Set());
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

/** The first row that is on the screen as a whole. */
function firstShown(frame: HTMLElement): number | null {
  for (const row of frame.querySelectorAll<HTMLElement>('[data-index]')) if (row.getBoundingClientRect().top >= 0) return Number(row.dataset['index']);
  return null;
}
