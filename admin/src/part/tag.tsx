import type { ReactNode } from 'react';
import css from './tag.module.css';

/** The meaning a tag's colour carries; the words always carry it too. */
export type Tone = 'plain' | 'accent' | 'warn' | 'danger' | 'info';

/** A short word about a thing's state. */
export function Tag({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={css.tag} data-tone={tone}>
      {children}
    </span>
  );
}

/** A name with its colour as a dot beside it, so that any colour can be read on any ground. With `whole` a long name wraps. */
export function Dot({ color, whole = false, children }: { color: string; whole?: boolean; children: ReactNode }) {
  return (
    <span className={css.named} data-whole={whole || undefined}>
      <span className={css.dot} style={color ? { background: color } : undefined} data-none={color ? undefined : true} aria-hidden />
      <span className={css.name}>{children}</span>
    </span>
  );
}

/** Several tags in a row that wraps. */
export function Tags({ children }: { children: ReactNode }) {
  return <span className={css.tags}>{children}</span>;
}
