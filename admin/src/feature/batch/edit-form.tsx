import { ActionIcon, Button, MultiSelect, Select, Textarea, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { answerValue } from '@/feature/contact/answer';
import { AnswerField } from '@/feature/contact/answer-field';
import { operationalTypes, organizationKinds } from '@/feature/contact/contact-values';
import { useOptions } from '@/feature/contact/use-options';
import { useFields } from '@/feature/field/use-fields';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { countryOptions, languageOptions } from '@/part/country';
import { attributes, attributeText, editInput, flags, type Row } from './edit-input';
import type { OrderFormProps } from './order';
import css from './batch.module.css';

const none = (key: string): Row => ({ key, text: '', types: [], answer: answerValue(undefined) });

/** Which attributes to set, and to what; an empty value clears. */
export function EditForm({ onChange }: OrderFormProps) {
  const { t } = useLocale();
  const { byId, fields } = useFields();
  const { hidden } = useSession();
  const [rows, setRows] = useState<Row[]>([none('')]);
  const take = (next: Row[]) => {
    setRows(next);
    const edit = editInput(next, byId);
    onChange(edit && { action: 'EDIT', edit });
  };
  const offered = useMemo(
    () => [
      { group: t('batch.edit.record'), items: attributes.filter((key) => key !== 'note' || !hidden.includes('NOTES')).map((key) => ({ value: key, label: t(attributeText(key)) })) },
      { group: t('contact.tab.additional'), items: fields.filter((field) => !field.archivedAt).map((field) => ({ value: field.id, label: field.label })) },
    ],
    [fields, hidden, t],
  );
  return (
    <div>
      {rows.map((row, index) => (
        <div key={index} className={css.attribute}>
          <Select
            label={t('batch.edit.what')}
            placeholder={t('batch.edit.choose')}
            searchable
            allowDeselect={false}
            data={offered.map(({ group, items }) => ({ group, items: items.filter(({ value }) => value === row.key || !rows.some((other) => other.key === value)) }))}
            value={row.key || null}
            onChange={(key) => key && take(rows.map((one, at) => (at === index ? none(key) : one)))}
          />
          <div className={css.value}>
            <Value row={row} onChange={(next) => take(rows.map((one, at) => (at === index ? next : one)))} />
          </div>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            disabled={rows.length === 1}
            aria-label={t('action.remove')}
            onClick={() => take(rows.filter((_, at) => at !== index))}
          >
            <X size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <Button variant="subtle" size="compact-sm" leftSection={<Plus size={14} aria-hidden />} disabled={rows.some((row) => row.key === '')} onClick={() => take([...rows, none('')])}>
        {t('batch.edit.add')}
      </Button>
    </div>
  );
}

function Value({ row, onChange }: { row: Row; onChange: (row: Row) => void }) {
  const locale = useLocale();
  const { t } = locale;
  const { byId } = useFields();
  const functions = useOptions('FUNCTION', 'PERSON', null);
  const natures = [...new Map([...useOptions('NATURE', 'PERSON', null), ...useOptions('NATURE', 'ORGANIZATION', null)].map((one) => [one.value, one])).values()];
  const field = byId.get(row.key);
  if (field) return <AnswerField field={field} value={row.answer} error={undefined} onChange={(answer) => onChange({ ...row, answer })} />;
  const label = t('batch.edit.value');
  const set = (text: string | null) => onChange({ ...row, text: text ?? '' });
  const empty = { placeholder: t('batch.edit.clears'), clearable: true, clearButtonProps: { 'aria-label': t('action.clear') } };
  if (flags.includes(row.key)) {
    const data = ['true', 'false'].map((value) => ({ value, label: t(value === 'true' ? 'answer.yes' : 'answer.no') }));
    return <Select label={label} allowDeselect={false} placeholder={t('batch.edit.choose')} data={data} value={row.text || null} onChange={set} />;
  }
  switch (row.key) {
    case 'types':
      return (
        <MultiSelect
          label={label}
          {...(row.types.length === 0 && { placeholder: t('batch.edit.clears') })}
          data={operationalTypes.map((value) => ({ value, label: t(`contact.type.${value}`) }))}
          value={row.types}
          onChange={(values) => onChange({ ...row, types: operationalTypes.filter((type) => values.includes(type)) })}
        />
      );
    case 'organizationKind':
      return <Select {...empty} label={label} data={organizationKinds.map((value) => ({ value, label: t(`contact.organizationKind.${value}`) }))} value={row.text || null} onChange={set} />;
    case 'functionId':
      return <Select {...empty} label={label} data={functions} value={row.text || null} onChange={set} />;
    case 'natureId':
      return <Select {...empty} label={label} data={natures} value={row.text || null} onChange={set} />;
    case 'language':
      return <Select {...empty} label={label} searchable data={languageOptions(locale, row.text)} value={row.text || null} onChange={set} />;
    case 'country':
      return <Select {...empty} label={label} searchable data={countryOptions(locale)} value={row.text || null} onChange={set} />;
    case 'validUntil':
      return <TextInput type="date" label={label} value={row.text} onChange={(event) => set(event.currentTarget.value)} />;
    case 'note':
      return <Textarea label={label} autosize minRows={1} maxRows={6} placeholder={t('batch.edit.clears')} value={row.text} onChange={(event) => set(event.currentTarget.value)} />;
    default:
      return <TextInput label={label} placeholder={row.key ? t('batch.edit.clears') : ''} disabled={row.key === ''} value={row.text} onChange={(event) => set(event.currentTarget.value)} />;
  }
}
