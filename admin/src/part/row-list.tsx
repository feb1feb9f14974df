import { ActionIcon, Tooltip } from '@mantine/core';
import { Archive, ArchiveRestore, ArrowDown, ArrowUp, Pencil, Trash2, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLocale } from '@/locale/locale';
import css from './row-list.module.css';

/** A list that the site keeps in an order of its own. */
export function RowList({ label, children }: { label?: string; children: ReactNode }) {
  return (
    <ol className={css.list} aria-label={label}>
      {children}
    </ol>
  );
}

interface Props {
  icon: LucideIcon;
  name: string;
  facts: ReactNode;
  busy: boolean;
  /** What can be done to it; a step that leads out of the list is undefined. */
  onEdit?: (() => void) | undefined;
  onArchive?: (() => void) | undefined;
  onRestore?: (() => void) | undefined;
  onDelete?: (() => void) | undefined;
  onUp?: (() => void) | undefined;
  onDown?: (() => void) | undefined;
}

/** One of such a list: what it is, and the buttons to change, move and put it away. */
export function ListRow({ icon: Icon, name, facts, busy, onEdit, onArchive, onRestore, onDelete, onUp, onDown }: Props) {
  const { t } = useLocale();
  return (
    <li className={css.row}>
      <span className={css.icon}>
        <Icon size={17} strokeWidth={1.7} aria-hidden />
      </span>
      <div className={css.text}>
        <span className={css.label}>{name}</span>
        {facts && <span className={css.facts}>{facts}</span>}
      </div>
      <div className={css.buttons}>
        {(onUp || onDown) && (
          <>
            <RowButton text={t('field.up', { name })} icon={ArrowUp} disabled={busy || !onUp} onClick={onUp} />
            <RowButton text={t('field.down', { name })} icon={ArrowDown} disabled={busy || !onDown} onClick={onDown} />
          </>
        )}
        {onEdit && <RowButton text={t('field.editOne', { name })} icon={Pencil} onClick={onEdit} />}
        {onArchive && <RowButton text={t('field.archiveOne', { name })} icon={Archive} disabled={busy} onClick={onArchive} />}
        {onRestore && <RowButton text={t('field.restoreOne', { name })} icon={ArchiveRestore} disabled={busy} onClick={onRestore} />}
        {onDelete && <RowButton text={t('group.deleteOne', { name })} icon={Trash2} disabled={busy} onClick={onDelete} />}
      </div>
    </li>
  );
}

interface ButtonProps {
  text: string;
  icon: LucideIcon;
  disabled?: boolean;
  onClick: (() => void) | undefined;
}

function RowButton({ text, icon: Icon, disabled = false, onClick }: ButtonProps) {
  return (
    <Tooltip label={text}>
      <ActionIcon aria-label={text} disabled={disabled} onClick={onClick} size={32}>
        <Icon size={16} strokeWidth={1.8} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

/** A step to the place of the item at `index`; undefined at the ends of the list. */
export function neighbour<T>(list: readonly T[], index: number, go: (other: T, index: number) => void): (() => void) | undefined {
  const other = list[index];
  return other && (() => go(other, index));
}
