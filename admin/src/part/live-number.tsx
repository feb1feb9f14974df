import { useReducedMotion } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { useLocale } from '@/locale/locale';
import css from './live-number.module.css';

const length = 450;

/**
 * A number that counts to its new value and glows for a moment. With `announce` a screen reader hears
 * each new value, once, when it has come to rest.
 */
export function LiveNumber({ value, announce = false, label }: { value: number; announce?: boolean; label?: string }) {
  const { format } = useLocale();
  const still = useReducedMotion();
  const [shown, setShown] = useState(value);
  const [moved, setMoved] = useState<'up' | 'down' | null>(null);
  const from = useRef(value);

  useEffect(() => {
    const start = from.current;
    if (start === value) return;
    setMoved(value > start ? 'up' : 'down');
    const begun = performance.now();
    let frame = 0;
    const step = (now: number) => {
      const share = still ? 1 : Math.min(1, (now - begun) / length);
      const eased = 1 - (1 - share) ** 3;
      from.current = Math.round(start + (value - start) * eased);
      setShown(from.current);
      if (share < 1) frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
    const rest = setTimeout(() => setMoved(null), 1200);
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(rest);
    };
  }, [value, still]);

  return (
    <span className={css.number} data-moved={moved ?? undefined}>
      <span aria-hidden={announce || undefined}>{format.number(shown)}</span>
      {announce && (
        <span className={css.heard} role="status" aria-live="polite">
          {format.number(value)} {label}
        </span>
      )}
    </span>
  );
}
