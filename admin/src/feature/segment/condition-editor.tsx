import { MultiSelect, NumberInput, Select, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { useQuery } from 'urql';
import { statuses } from '@/feature/contact/contact-values';
import { useFields } from '@/feature/field/use-fields';
import { useIndicators } from '@/feature/indicator/use-indicators';
import { GroupNamesDocument, type ContactKind, type FieldFullFragment } from '@/gql/graphql';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { countryOptions } from '@/part/country';
import { attributeOf, conditionOn, dateColumns, fieldTest, fieldTests, salesMeasures, testOf, textColumns, textOperators } from './condition-kinds';
import { IndicatorCondition } from './indicator-condition';
import { LinkConditionEditor } from './link-condition';
import { ChoiceCondition, CodeCondition, ConsentCondition, FlagCondition, LabelSetCondition, type ConditionProps as Props, type On } from './record-condition';
import { SalesCondition } from './sales-condition';
import { daysFilter, fieldDays, type Condition } from './rule';
import { BirthdayCondition, DateCondition, PostcodeCondition } from './when-condition';
import { AgeCondition, NumberCondition, TypedCondition } from './who-condition';
import css from './rule-builder.module.css';

/** What is compared, how, and with what. */
export function ConditionEditor({ condition, onChange }: Props<Condition>) {
  const { t } = useLocale();
  const { fields, byId } = useFields();
  const attribute = attributeOf(condition);
  const data = useAttributes(fields, attribute);
  return (
    <div className={css.inputs} data-wide={wide.includes(condition.on) || undefined}>
      <Select
        aria-label={t('segment.rule.attribute')}
        searchable
        allowDeselect={false}
        data={data}
        value={attribute}
        onChange={(next) => next && next !== attribute && onChange(conditionOn(next, byId))}
      />
      <Comparison condition={condition} onChange={onChange} fields={byId} />
    </div>
  );
}

// Conditions with several inputs, whose words need room.
const wide: readonly Condition['on'][] = ['affiliation', 'consent', 'reference', 'sales', 'indicator'];

// What is known of every contact, and how the site sorts contacts.
const attributes = {
  contact: ['kind', 'status', 'role', 'affiliation', 'consent', 'ambassador', 'valid', 'search', 'name', 'email', 'phone', 'number', 'age', 'birthday', 'account', 'postcode', 'code', 'reference'],
  sales: ['plan', 'channel', 'childProduct'],
  classified: ['segment', 'group', 'label', 'labelSet', 'color', 'type', 'function', 'nature'],
} as const;

/** Everything a rule can compare, grouped. A field that was put away is offered only where it is used. */
function useAttributes(fields: FieldFullFragment[], current: string) {
  const { t } = useLocale();
  const { hidden } = useSession();
  const { indicators } = useIndicators();
  return useMemo(
    () => {
      // What tells a birth date is offered to those who read them, and where it is used already.
      const shown = (attribute: string) => !hidden.includes('BIRTH_DATE') || current === attribute;
      return [
        {
          group: t('segment.rule.of.contact'),
          items: attributes.contact.filter((value) => (value !== 'age' && value !== 'birthday') || shown(value)).map((value) => ({ value, label: t(`segment.attribute.${value}`) })),
        },
        {
          group: t('segment.rule.of.sales'),
          items: [
            ...attributes.sales.map((value) => ({ value, label: t(`segment.attribute.${value}`) })),
            ...salesMeasures.map((measure) => ({ value: `sales:${measure}`, label: t(`segment.sales.${measure}`) })),
          ],
        },
        ...(known(indicators, current).length > 0 ? [{ group: t('segment.rule.of.indicator'), items: known(indicators, current).map(({ id, name }) => ({ value: `indicator:${id}`, label: name || t('segment.rule.goneIndicator') })) }] : []),
        { group: t('segment.rule.of.classified'), items: attributes.classified.map((value) => ({ value, label: t(`segment.attribute.${value}`) })) },
        ...(current === 'other' ? [{ group: t('segment.attribute.other'), items: [{ value: 'other', label: t('segment.attribute.other') }] }] : []),
        { group: t('segment.rule.of.text'), items: textColumns.map((column) => ({ value: `text:${column}`, label: t(`segment.text.${column}`) })) },
        { group: t('segment.rule.of.date'), items: dateColumns.filter((column) => column !== 'BIRTH_DATE' || shown('date:BIRTH_DATE')).map((column) => ({ value: `date:${column}`, label: t(`segment.date.${column}`) })) },
        {
          group: t('segment.rule.of.field'),
          items: fields
            .filter((field) => field.archivedAt === null || current === `field:${field.id}`)
            .map((field) => ({ value: `field:${field.id}`, label: field.label })),
        },
      ];
    },
    [t, fields, indicators, hidden, current],
  );
}

/** The site's indicators, and the one that is used although it is counted no more. */
function known(indicators: readonly { id: string; name: string }[], current: string): readonly { id: string; name: string }[] {
  const id = current.startsWith('indicator:') ? current.slice('indicator:'.length) : '';
  return id === '' || indicators.some((one) => one.id === id) ? indicators : [...indicators, { id, name: '' }];
}

function Comparison({ condition, onChange, fields }: Props<Condition> & { fields: ReadonlyMap<string, FieldFullFragment> }) {
  const { t } = useLocale();
  switch (condition.on) {
    case 'kind':
      return <Kind condition={condition} onChange={onChange} />;
    case 'status':
      return <Status condition={condition} onChange={onChange} />;
    case 'group':
      return <InGroup condition={condition} onChange={onChange} />;
    case 'typed':
      return <TypedCondition condition={condition} onChange={onChange} />;
    case 'number':
      return <NumberCondition condition={condition} onChange={onChange} />;
    case 'age':
      return <AgeCondition condition={condition} onChange={onChange} />;
    case 'indicator':
      return <IndicatorCondition condition={condition} onChange={onChange} />;
    case 'sales':
      return <SalesCondition condition={condition} onChange={onChange} />;
    case 'text':
      return <Text condition={condition} onChange={onChange} />;
    case 'date':
      return <DateCondition condition={condition} onChange={onChange} />;
    case 'birthday':
      return <BirthdayCondition condition={condition} onChange={onChange} />;
    case 'postcode':
      return <PostcodeCondition condition={condition} onChange={onChange} />;
    case 'field': {
      const field = fields.get(condition.field.id);
      return field ? <Field condition={condition} onChange={onChange} field={field} /> : null;
    }
    case 'choice':
      return <ChoiceCondition condition={condition} onChange={onChange} />;
    case 'flag':
      return <FlagCondition condition={condition} onChange={onChange} />;
    case 'labelSet':
      return <LabelSetCondition condition={condition} onChange={onChange} />;
    case 'code':
    case 'reference':
      return <CodeCondition condition={condition} onChange={onChange} />;
    case 'consent':
      return <ConsentCondition condition={condition} onChange={onChange} />;
    case 'affiliation':
      return <LinkConditionEditor condition={condition} onChange={onChange} />;
    case 'other':
      return <span className="dim">{t('segment.rule.kept')}</span>;
  }
}

const kinds: readonly ContactKind[] = ['PERSON', 'ORGANIZATION'];
function Kind({ condition, onChange }: Props<On<'kind'>>) {
  const { t } = useLocale();
  return (
    <Select
      aria-label={t('segment.attribute.kind')}
      allowDeselect={false}
      value={condition.kind}
      data={kinds.map((value) => ({ value, label: t(`contact.kind.${value}`) }))}
      onChange={(value) => onChange({ on: 'kind', kind: kinds.find((kind) => kind === value) ?? 'PERSON' })}
    />
  );
}

function Status({ condition, onChange }: Props<On<'status'>>) {
  const { t } = useLocale();
  return (
    <Select
      aria-label={t('segment.attribute.status')}
      allowDeselect={false}
      value={condition.status}
      data={statuses.map((value) => ({ value, label: t(`contact.status.${value}`) }))}
      onChange={(value) => onChange({ on: 'status', status: statuses.find((status) => status === value) ?? 'USER' })}
    />
  );
}

function InGroup({ condition, onChange }: Props<On<'group'>>) {
  const { t } = useLocale();
  const [{ data }] = useQuery({ query: GroupNamesDocument, requestPolicy: 'cache-first' });
  return (
    <Select
      aria-label={t('segment.attribute.group')}
      placeholder={t('segment.rule.chooseGroup')}
      searchable
      allowDeselect={false}
      value={condition.group || null}
      data={(data?.groups ?? []).map((group) => ({ value: group.id, label: group.name }))}
      onChange={(group) => onChange({ on: 'group', group: group ?? '' })}
    />
  );
}

function Text({ condition, onChange }: Props<On<'text'>>) {
  const { t } = useLocale();
  return (
    <>
      <Select
        aria-label={t('segment.rule.operator')}
        allowDeselect={false}
        value={condition.op}
        data={textOperators.map((value) => ({ value, label: t(`segment.operator.${value}`) }))}
        onChange={(value) => onChange({ ...condition, op: textOperators.find((op) => op === value) ?? 'EQUALS' })}
      />
      {condition.op !== 'EMPTY' && (
        <TextInput
          aria-label={t('segment.rule.value')}
          placeholder={t('segment.rule.value')}
          maxLength={200}
          value={condition.value}
          onChange={(event) => onChange({ ...condition, value: event.currentTarget.value })}
        />
      )}
    </>
  );
}

function Field({ condition, onChange, field }: Props<On<'field'>> & { field: FieldFullFragment }) {
  const locale = useLocale();
  const { t } = locale;
  const filter = condition.field;
  const test = testOf(filter);
  const picked = filter.anyOf ?? filter.allOf ?? filter.noneOf;
  const set = (next: typeof filter) => onChange({ on: 'field', field: next });
  return (
    <>
      <Select
        aria-label={t('segment.rule.operator')}
        allowDeselect={false}
        value={test}
        data={fieldTests[field.type].map((value) => ({ value, label: t(`segment.test.${value}`) }))}
        onChange={(value) => {
          const next = fieldTests[field.type].find((one) => one === value);
          if (next) set(fieldTest(field.id, next, filter));
        }}
      />
      {filter.text && filter.text.op !== 'EMPTY' && field.type === 'COUNTRY' && (
        <Select
          aria-label={t('segment.rule.value')}
          placeholder={t('contact.field.country')}
          searchable
          allowDeselect={false}
          data={countryOptions(locale)}
          value={filter.text.value || null}
          onChange={(value) => set({ id: field.id, text: { op: 'EQUALS', value: value ?? '' } })}
        />
      )}
      {filter.text && filter.text.op !== 'EMPTY' && field.type !== 'COUNTRY' && (
        <TextInput
          aria-label={t('segment.rule.value')}
          placeholder={t('segment.rule.value')}
          value={filter.text.value ?? ''}
          onChange={(event) => set({ id: field.id, text: { op: filter.text?.op ?? 'CONTAINS', value: event.currentTarget.value } })}
        />
      )}
      {filter.number &&
        (['from', 'to'] as const).map((end) => (
          <NumberInput
            key={end}
            aria-label={t(`segment.rule.${end}`)}
            leftSection={<span className="dim">{t(`segment.rule.${end}Short`)}</span>}
            leftSectionWidth={46}
            hideControls
            allowedDecimalSeparators={['.', ',']}
            value={filter.number?.[end] ?? ''}
            onChange={(value) => {
              const { [end]: _, ...other } = filter.number ?? {};
              set({ id: field.id, number: typeof value === 'number' ? { ...other, [end]: value } : other });
            }}
          />
        ))}
      {filter.date && <DateCondition condition={fieldDays(filter.date)} onChange={(next) => next.on === 'date' && set({ id: field.id, date: daysFilter(next) })} />}
      {picked && (
        <MultiSelect
          aria-label={t('segment.rule.choices')}
          placeholder={picked.length === 0 ? t('segment.rule.choices') : ''}
          data={field.choices.map((choice) => ({ value: choice.id, label: choice.label }))}
          value={[...picked]}
          onChange={(ids) => set(filter.allOf ? { id: field.id, allOf: ids } : filter.noneOf ? { id: field.id, noneOf: ids } : { id: field.id, anyOf: ids })}
        />
      )}
    </>
  );
}
