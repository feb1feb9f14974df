import { ActionIcon, Button, MultiSelect, Select, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { useMemo } from 'react';
import type { CustomFieldType, FieldConditionOp, FieldFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { countryOptions } from '@/part/country';
import { conditionLimit, surfaces, type ConditionDraft } from './field-draft';
import type { FieldPart } from './field-form';
import { useFields } from './use-fields';
import css from './field-form.module.css';

/** How an answer of a type can be compared, the usual way first. Of what is typed freely it is only asked whether it is there. */
const opsOf: Record<CustomFieldType, readonly FieldConditionOp[]> = {
  YES_NO: ['EQUALS', 'ANSWERED'],
  CHECKBOX: ['EQUALS'],
  DROPDOWN: ['ANY_OF', 'EQUALS', 'ANSWERED'],
  NUMBER: ['EQUALS', 'ANSWERED'],
  DATE: ['EQUALS', 'ANSWERED'],
  COUNTRY: ['ANY_OF', 'EQUALS', 'ANSWERED'],
  TEXT: ['ANSWERED', 'EQUALS'],
  LONG_TEXT: ['ANSWERED'],
  PHONE: ['ANSWERED'],
  URL: ['ANSWERED'],
};

/** Shown only if other questions are answered so: conditions as sentences, all of which must hold. */
export function ShowIfEditor({ draft, set, errors, self }: FieldPart & { self: string | undefined }) {
  const { t } = useLocale();
  const { fields } = useFields();
  // A question can wait for those that are asked wherever it is; the server knows about circles.
  const others = fields.filter((one) => one.id !== self && one.archivedAt === null && surfaces.every((place) => !draft[place] || one[place]));
  const change = (index: number, next: ConditionDraft | null) => set({ showIf: draft.showIf.flatMap((one, i) => (i === index ? (next ?? []) : one)) });
  const named = (id: string) => fields.find((one) => one.id === id);
  return (
    <fieldset className={css.flags}>
      <legend className={css.legend}>{t('field.showIf.title')}</legend>
      <p className={css.showIfHelp}>{draft.showIf.length === 0 ? t('field.showIf.always') : t('field.showIf.lead')}</p>
      {draft.showIf.map((condition, index) => (
        <div key={index} className={css.condition} role="group" aria-label={t('field.showIf.condition', { n: index + 1 })}>
          <Select
            aria-label={t('field.showIf.question')}
            placeholder={t('field.showIf.question')}
            searchable
            allowDeselect={false}
            data={[...others, ...(others.some(({ id }) => id === condition.fieldId) ? [] : [named(condition.fieldId) ?? []].flat())].map(({ id, label }) => ({ value: id, label }))}
            value={condition.fieldId || null}
            error={errors[`showIf.${index}`]}
            onChange={(fieldId) => change(index, { fieldId: fieldId ?? '', op: opsOf[named(fieldId ?? '')?.type ?? 'TEXT'][0] ?? 'ANSWERED', values: [] })}
          />
          <ActionIcon size={36} aria-label={t('field.showIf.remove', { n: index + 1 })} onClick={() => change(index, null)}>
            <X size={15} aria-hidden />
          </ActionIcon>
          {named(condition.fieldId) && <Comparison condition={condition} upon={named(condition.fieldId) as FieldFullFragment} onChange={(next) => change(index, next)} />}
        </div>
      ))}
      {draft.showIf.length < conditionLimit && others.length > 0 && (
        <Button variant="default" size="xs" leftSection={<Plus size={14} aria-hidden />} onClick={() => set({ showIf: [...draft.showIf, { fieldId: '', op: 'ANSWERED', values: [] }] })}>
          {draft.showIf.length === 0 ? t('field.showIf.add') : t('field.showIf.more')}
        </Button>
      )}
    </fieldset>
  );
}

function Comparison({ condition, upon, onChange }: { condition: ConditionDraft; upon: FieldFullFragment; onChange: (next: ConditionDraft) => void }) {
  const { t } = useLocale();
  const ops = opsOf[upon.type];
  return (
    <div className={css.comparison}>
      <Select
        aria-label={t('field.showIf.how')}
        allowDeselect={false}
        data={ops.map((value) => ({ value, label: t(`field.showIf.op.${value}`) }))}
        value={condition.op}
        onChange={(value) => onChange({ ...condition, op: ops.find((one) => one === value) ?? 'ANSWERED', values: [] })}
      />
      {condition.op !== 'ANSWERED' && <Value condition={condition} upon={upon} onChange={onChange} />}
    </div>
  );
}

function Value({ condition, upon, onChange }: { condition: ConditionDraft; upon: FieldFullFragment; onChange: (next: ConditionDraft) => void }) {
  const locale = useLocale();
  const { t } = locale;
  const label = t('field.showIf.answer');
  const data = useMemo(() => {
    if (upon.type === 'COUNTRY') return countryOptions(locale);
    if (upon.type === 'DROPDOWN') return upon.choices.map((choice) => ({ value: choice.id, label: choice.label }));
    const ticks = upon.type === 'CHECKBOX';
    return [
      { value: 'true', label: t(ticks ? 'contactList.ticked' : 'answer.yes') },
      { value: 'false', label: t(ticks ? 'contactList.unticked' : 'answer.no') },
    ];
  }, [locale, t, upon]);
  if (upon.type === 'TEXT' || upon.type === 'NUMBER' || upon.type === 'DATE') {
    return (
      <TextInput
        aria-label={label}
        placeholder={label}
        {...(upon.type === 'DATE' && { type: 'date' })}
        {...(upon.type === 'NUMBER' && { inputMode: 'decimal' as const })}
        value={condition.values[0] ?? ''}
        onChange={(event) => onChange({ ...condition, values: event.currentTarget.value === '' ? [] : [event.currentTarget.value] })}
      />
    );
  }
  if (condition.op === 'ANY_OF') {
    return <MultiSelect aria-label={label} placeholder={condition.values.length === 0 ? label : ''} data={data} searchable maxValues={20} value={condition.values} onChange={(values) => onChange({ ...condition, values })} />;
  }
  return <Select aria-label={label} placeholder={label} data={data} searchable={data.length > 8} value={condition.values[0] ?? null} onChange={(value) => onChange({ ...condition, values: value === null ? [] : [value] })} />;
}
