import type { ReactNode } from 'react';
import css from './contact-page.module.css';

/** A label and what stands beside it. */
export type Entry = [label: string, value: ReactNode];

/** Labels with their values. */
export function Entries({ entries }: { entries: Entry[] }) {
  return (
    <dl className={css.list}>
      {entries.map(([label, value], index) => (
        <div key={`${label} ${index}`} className={css.entry}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
