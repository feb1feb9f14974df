import { ActionIcon, Checkbox, Input, MultiSelect, NumberInput, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { ExternalLink } from 'lucide-react';
import { useId, useMemo } from 'react';
import type { FieldFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { countryOptions } from '@/part/country';
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
    case 'LONG_TEXT':
      return <Text {...props} lines={3} />;
    case 'NUMBER':
      return <Numeric {...props} />;
    case 'DATE':
      return <Line {...props} type="date" of="date" />;
    case 'PHONE':
      return <Line {...props} type="tel" of="text" />;
    case 'URL':
      return <Line {...props} type="url" of="text" />;
    case 'COUNTRY':
      return <Country {...props} />;
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

function Text({ field, value, error, onChange, lines = 1 }: Props & { lines?: number }) {
  return (
    <Textarea
      label={<Label field={field} />}
      description={field.help}
      error={error}
      autosize
      minRows={lines}
      maxRows={8 + lines}
      value={value.text}
      onChange={(event) => onChange({ ...value, text: event.currentTarget.value })}
    />
  );
}

function Line({ field, value, error, onChange, type, of }: Props & { type: 'date' | 'tel' | 'url'; of: 'text' | 'date' }) {
  const { t } = useLocale();
  // Only what the server has read leads anywhere: it keeps http and https alone.
  const leads = type === 'url' && /^https?:\/\//i.test(value.text);
  return (
    <TextInput
      label={<Label field={field} />}
      description={field.help}
      error={error}
      type={type}
      autoComplete="off"
      value={value[of]}
      onChange={(event) => onChange({ ...value, [of]: event.currentTarget.value })}
      rightSection={
        leads && (
          <ActionIcon component="a" href={value.text} target="_blank" rel="noopener noreferrer" aria-label={t('answer.open', { name: field.label })}>
            <ExternalLink size={15} aria-hidden />
          </ActionIcon>
        )
      }
    />
  );
}

function Numeric({ field, value, error, onChange }: Props) {
  return (
    <NumberInput
      label={<Label field={field} />}
      description={field.help}
      error={error}
      hideControls
      allowedDecimalSeparators={['.', ',']}
      value={value.number}
      onChange={(number) => onChange({ ...value, number: String(number) })}
    />
  );
}

function Country({ field, value, error, onChange }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const data = useMemo(() => countryOptions(locale), [locale]);
  return (
    <Select
      label={<Label field={field} />}
      description={field.help}
      error={error}
      data={data}
      searchable
      clearable
      placeholder={t('answer.none')}
      clearButtonProps={{ 'aria-label': t('action.clear') }}
      value={value.text || null}
      onChange={(code) => onChange({ ...value, text: code ?? '' })}
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
