import css from './order.module.css';

/** Amounts with their names: what there is, and what will be. */
export function Explained({ rows }: { rows: readonly { label: string; value: string; last?: boolean }[] }) {
  return (
    <dl className={`${css.sums} ${css.explained}`} aria-live="polite">
      {rows.flatMap(({ label, value, last }) => [
        <dt key={label} className={last ? css.last : undefined}>
          {label}
        </dt>,
        <dd key={`${label}=`} className={last ? css.last : undefined}>
          {value}
        </dd>,
      ])}
    </dl>
  );
}
