import { ActionIcon, Button, TextInput } from '@mantine/core';
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useLocale } from '@/locale/locale';
import { ColorInput } from '@/part/color-input';
import { palette } from '@/part/palette';
import css from './label.module.css';

/** A label while its set is edited; one without an id is new. */
export interface LabelDraft {
  key: string;
  id?: string;
  name: string;
  color: string;
}

interface Props {
  labels: LabelDraft[];
  /** By path, `labels.2.name`. */
  errors: Record<string, string>;
  /** Called with what becomes of the labels as they are then, which may be newer than those shown. */
  onChange: (change: (labels: LabelDraft[]) => LabelDraft[]) => void;
}

/** The next colour that none has yet, then from the beginning. */
const nextColor = (labels: LabelDraft[]): string =>
  palette.find(([one]) => !labels.some((label) => label.color === one))?.[0] ?? palette[labels.length % palette.length]?.[0] ?? '#7c7366';

/** The labels with one a place further down, or up. */
function moved(labels: LabelDraft[], key: string, step: 1 | -1): LabelDraft[] {
  const from = labels.findIndex((label) => label.key === key);
  const next = [...labels];
  const [one, met] = [next[from], next[from + step]];
  if (one && met) [next[from], next[from + step]] = [met, one];
  return next;
}

/** A set's labels, added one by one, each with a name and a colour, in order (T-64). */
export function LabelsEditor({ labels, errors, onChange }: Props) {
  const { t } = useLocale();
  // The label whose colours are spread out below it.
  const [coloured, setColoured] = useState('');
  const change = (key: string, part: Partial<LabelDraft>) => onChange((all) => all.map((one) => (one.key === key ? { ...one, ...part } : one)));
  return (
    <div className={css.items} role="group" aria-label={t('label.labels')}>
      <span className={css.legend}>{t('label.labels')}</span>
      {labels.length === 0 && <span className="dim">{t('label.noLabels')}</span>}
      {labels.map((label, index) => (
        <div key={label.key} className={css.item}>
          <ActionIcon size={36} aria-label={t('label.colorOf', { name: label.name })} aria-expanded={coloured === label.key} onClick={() => setColoured(coloured === label.key ? '' : label.key)}>
            <span className={css.swatch} style={{ background: label.color }} aria-hidden />
          </ActionIcon>
          <TextInput
            aria-label={t('label.number', { n: index + 1 })}
            placeholder={t('label.name')}
            value={label.name}
            error={errors[`labels.${index}.name`] ?? errors[`labels.${index}.color`]}
            autoFocus={label.id === undefined && label.name === ''}
            onChange={(event) => change(label.key, { name: event.currentTarget.value })}
          />
          <ActionIcon size={36} disabled={index === 0} onClick={() => onChange((all) => moved(all, label.key, -1))} aria-label={t('field.up', { name: label.name })}>
            <ArrowUp size={15} aria-hidden />
          </ActionIcon>
          <ActionIcon size={36} disabled={index === labels.length - 1} onClick={() => onChange((all) => moved(all, label.key, 1))} aria-label={t('field.down', { name: label.name })}>
            <ArrowDown size={15} aria-hidden />
          </ActionIcon>
          <ActionIcon size={36} onClick={() => onChange((all) => all.filter((one) => one.key !== label.key))} aria-label={t('field.removeChoice', { name: label.name })}>
            <X size={15} aria-hidden />
          </ActionIcon>
          {coloured === label.key && (
            <div className={css.palette}>
              <ColorInput label={t('contact.field.color')} value={label.color} required onChange={(color) => change(label.key, { color })} />
            </div>
          )}
        </div>
      ))}
      <div>
        <Button variant="default" size="compact-sm" leftSection={<Plus size={14} aria-hidden />} onClick={() => onChange((all) => [...all, { key: crypto.randomUUID(), name: '', color: nextColor(all) }])}>
          {t('label.add')}
        </Button>
      </div>
    </div>
  );
}
