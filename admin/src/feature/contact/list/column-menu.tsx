import { ActionIcon, Button, Popover, Select } from '@mantine/core';
import { ArrowDown, ArrowUp, Columns3, X } from 'lucide-react';
import { useState } from 'react';
import { useIndicators } from '@/feature/indicator/use-indicators';
import type { FieldFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { columnNames, headingOf } from './columns';
import css from './column-menu.module.css';

interface Props {
  /** The columns that are shown, in order. */
  shown: readonly string[];
  fields: readonly FieldFullFragment[];
  fieldById: ReadonlyMap<string, FieldFullFragment>;
  onChange: (columns: string[]) => void;
  /** Takes the view's own columns back; absent while it has them. */
  onReset: (() => void) | undefined;
}

/** The API's limit. */
const most = 30;

/** Chooses the columns and their order (C-14). */
export function ColumnMenu({ shown, fields, fieldById, onChange, onReset }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const [opened, setOpened] = useState(false);
  const { indicators, byId } = useIndicators();
  const heading = (name: string) => headingOf(name, { fields: fieldById, indicators: byId }, locale);
  const move = (index: number, step: number) => {
    const next = [...shown];
    const [one] = next.splice(index, 1);
    if (one !== undefined) next.splice(index + step, 0, one);
    onChange(next);
  };
  const more = columnNames(fields, indicators).filter((name) => !shown.includes(name));
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={320} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon variant="default" size={36} aria-label={t('contactList.columns')} aria-expanded={opened} onClick={() => setOpened(!opened)}>
          <Columns3 size={16} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('contactList.columns')}>
        <ol className={css.list} aria-label={t('contactList.shown')}>
          {shown.map((name, index) => (
            <li key={name} className={css.item}>
              <span className={css.name}>{heading(name)}</span>
              <ActionIcon size="sm" disabled={index === 0} onClick={() => move(index, -1)} aria-label={t('contactList.columnUp', { name: heading(name) })}>
                <ArrowUp size={14} aria-hidden />
              </ActionIcon>
              <ActionIcon size="sm" disabled={index === shown.length - 1} onClick={() => move(index, 1)} aria-label={t('contactList.columnDown', { name: heading(name) })}>
                <ArrowDown size={14} aria-hidden />
              </ActionIcon>
              <ActionIcon
                size="sm"
                disabled={name === 'NAME'}
                onClick={() => onChange(shown.filter((one) => one !== name))}
                aria-label={t('contactList.columnHide', { name: heading(name) })}
              >
                <X size={14} aria-hidden />
              </ActionIcon>
            </li>
          ))}
        </ol>
        <Select
          key={shown.length}
          label={t('contactList.columnAdd')}
          searchable
          disabled={shown.length >= most}
          value={null}
          data={more.map((value) => ({ value, label: heading(value) }))}
          comboboxProps={{ withinPortal: false }}
          onChange={(name) => name && onChange([...shown, name])}
        />
        {onReset && (
          <Button mt="sm" size="compact-sm" variant="subtle" color="gray" onClick={onReset}>
            {t('contactList.columnsReset')}
          </Button>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
