import { Checkbox, Input, MultiSelect, SegmentedControl, Select, Textarea } from '@mantine/core';
import { useId } from 'react';
import type { FieldFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Tag } from '@/part/tag';
import type { AnswerValue } from './answer';
import css from './answer-field.module.css';

interface Props {
  field: FieldFullFragment;
  value: AnswerValue;
  error: string | undefined;
  onChange: (value: AnswerValue) => void;
}

/** The input for an answer, by the field's type. */
export function AnswerField(props: Props) {
  switch (props.field.type) {
    case 'YES_NO':
      return <YesNo {...props} />;
    case 'TEXT':
      return <Text {...props} />;
    case 'CHECKBOX':
      return <Tick {...props} />;
    case 'DROPDOWN':
      return <Dropdown {...props} />;
  }
}

function Label({ field }: { field: FieldFullFragment }) {
  const { t } = useLocale();
  return (
    <span className={css.label}>
      {field.label}
      {field.required && (
        <span className={css.star} title={t('field.required')} aria-hidden>
          *
        </span>
      )}
      {field.internal && <Tag>{t('field.internal')}</Tag>}
      {field.archivedAt && <Tag tone="warn">{t('field.archived')}</Tag>}
    </span>
  );
}

// Yes, no, or not answered: three states (T-40, T-41).
function YesNo({ field, value, error, onChange }: Props) {
  const { t } = useLocale();
  const id = useId();
  return (
    <Input.Wrapper label={<Label field={field} />} description={field.help} error={error} labelElement="div" labelProps={{ id }}>
      <div>
        <SegmentedControl
          aria-labelledby={id}
          mt={2}
          value={value.yesNo === null ? '' : String(value.yesNo)}
          onChange={(next) => onChange({ ...value, yesNo: next === '' ? null : next === 'true' })}
          data={[
            { value: '', label: t('answer.none') },
            { value: 'true', label: t('answer.yes') },
            { value: 'false', label: t('answer.no') },
          ]}
        />
      </div>
    </Input.Wrapper>
  );
}

function Text({ field, value, error, onChange }: Props) {
  return (
    <Textarea
      label={<Label field={field} />}
      description={field.help}
      error={error}
      autosize
      minRows={1}
      maxRows={8}
      value={value.text}
      onChange={(event) => onChange({ ...value, text: event.currentTarget.value })}
    />
  );
}

function Tick({ field, value, error, onChange }: Props) {
  return (
    <Checkbox
      label={<Label field={field} />}
      description={field.help}
      error={error}
      checked={value.checked ?? false}
      onChange={(event) => onChange({ ...value, checked: event.currentTarget.checked })}
    />
  );
}

function Dropdown({ field, value, error, onChange }: Props) {
  const { t } = useLocale();
  const data = field.choices.map((choice) => ({ value: choice.id, label: choice.label }));
  const shared = { label: <Label field={field} />, error, data, searchable: data.length > 8, clearable: true, placeholder: value.choiceIds.length === 0 ? t('answer.none') : '', clearButtonProps: { 'aria-label': t('action.clear') } };
  if (field.multiple === null) {
    return (
      <Select
        {...shared}
        description={field.help}
        value={value.choiceIds[0] ?? null}
        onChange={(id) => onChange({ ...value, choiceIds: id ? [id] : [] })}
      />
    );
  }
  const rule = multipleRule(field, t);
  const most = field.multiple === 'EXACT' ? field.minChoices : field.multiple === 'RANGE' ? field.maxChoices : null;
  return (
    <MultiSelect
      {...shared}
      description={[field.help, rule].filter(Boolean).join(' ')}
      value={value.choiceIds}
      {...(most !== null && { maxValues: most })}
      onChange={(choiceIds) => onChange({ ...value, choiceIds })}
    />
  );
}

/** How many choices a field asks for, in words (T-50 to T-52). */
export function multipleRule(field: Pick<FieldFullFragment, 'multiple' | 'minChoices' | 'maxChoices'>, t: ReturnType<typeof useLocale>['t']): string {
  switch (field.multiple) {
    case 'UNLIMITED':
      return t('field.rule.unlimited');
    case 'EXACT':
      return t('field.rule.exact', { n: field.minChoices ?? 0 });
    case 'RANGE':
      return t('field.rule.range', { min: field.minChoices ?? 0, max: field.maxChoices ?? 0 });
    case null:
      return t('field.rule.one');
  }
}
