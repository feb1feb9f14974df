import { X } from 'lucide-react';
import type { LabelNameFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import css from './label.module.css';

interface Props {
  label: Pick<LabelNameFragment, 'name' | 'color' | 'setName'>;
  /** A word or number behind the name. */
  note?: string;
  onRemove?: (() => void) | undefined;
}

/** A label: its name, with its colour as a dot, so that it can be read on any ground. */
export function LabelChip({ label, note, onRemove }: Props) {
  const { t } = useLocale();
  return (
    <span className={css.chip} title={`${label.setName}: ${label.name}`}>
      <span className={css.dot} style={{ background: label.color }} aria-hidden />
      <span className={css.name}>{label.name}</span>
      {note && <span className={css.note}>{note}</span>}
      {onRemove && (
        <button type="button" className={css.remove} onClick={onRemove} aria-label={t('label.takeOne', { name: label.name })}>
          <X size={13} aria-hidden />
        </button>
      )}
    </span>
  );
}

/** A contact's labels in the row of a list: the first, and how many more. */
export function LabelCell({ labels }: { labels: readonly Props['label'][] }) {
  const first = labels[0];
  if (!first) return null;
  return (
    <span className={css.cell} title={labels.map((label) => label.name).join(', ')}>
      <LabelChip label={first} />
      {labels.length > 1 && <span className={css.note}>+{labels.length - 1}</span>}
    </span>
  );
}
