import { ActionIcon, Button } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLocale } from '@/locale/locale';
import css from './rows-editor.module.css';

interface Props<T> {
  /** What the rows are, heard and seen. */
  label: string;
  rows: readonly T[];
  blank: T;
  /** The words on the button that adds one. */
  add: string;
  most: number;
  /** The inputs of a row. */
  children: (row: T, index: number, change: (part: Partial<T>) => void) => ReactNode;
  /** Called with what becomes of the rows as they are then, which may be newer than those shown. */
  onChange: (change: (rows: T[]) => T[]) => void;
}

/** A list within a form, of some inputs each, to add to and take from. */
export function RowsEditor<T>({ label, rows, blank, add, most, children, onChange }: Props<T>) {
  const { t } = useLocale();
  return (
    <div role="group" aria-label={label} className={css.rows}>
      {rows.map((row, index) => (
        <div key={index} className={css.row}>
          <div className={css.inputs}>{children(row, index, (part) => onChange((all) => all.map((one, at) => (at === index ? { ...one, ...part } : one))))}</div>
          <ActionIcon size={36} variant="subtle" color="gray" aria-label={t('contact.removeRow', { label, n: index + 1 })} onClick={() => onChange((all) => all.filter((_, at) => at !== index))}>
            <X size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      {rows.length < most && (
        <div>
          <Button variant="subtle" size="compact-sm" leftSection={<Plus size={14} aria-hidden />} onClick={() => onChange((all) => [...all, blank])}>
            {add}
          </Button>
        </div>
      )}
    </div>
  );
}
