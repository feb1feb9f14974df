import { NumberInput, Select, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { BirthdayUnit, DateUnit } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { countryOptions } from '@/part/country';
import type { ConditionProps, On } from './record-condition';
import { birthdayWhens, dateWhens, furthest } from './rule';

const units: readonly DateUnit[] = ['DAY', 'WEEK', 'MONTH', 'YEAR'];
const birthdayUnits: readonly BirthdayUnit[] = ['DAY', 'WEEK', 'MONTH'];

/** A date within fixed days, or within days around today: created in the last 30 days. */
export function DateCondition({ condition, onChange }: ConditionProps<On<'date'>>) {
  const { t, tn } = useLocale();
  const { when, count, unit } = condition;
  const n = Number(count);
  return (
    <>
      <Select
        aria-label={t('segment.rule.operator')}
        allowDeselect={false}
        data={dateWhens.map((value) => ({ value, label: t(`segment.when.${value}`) }))}
        value={when}
        onChange={(value) => onChange({ ...condition, when: dateWhens.find((one) => one === value) ?? 'range' })}
      />
      {when === 'range' && <Days condition={condition} onChange={onChange} />}
      {(when === 'last' || when === 'next') && <Count value={count} most={furthest[unit]} onChange={(next) => onChange({ ...condition, count: next })} />}
      {when !== 'range' && (
        <Select
          aria-label={t('segment.when.unit')}
          allowDeselect={false}
          // "In the last 1 day", "in this day": the words follow the number.
          data={units.map((value) => ({ value, label: when === 'this' ? t(`segment.when.current.${value}`) : tn(`segment.when.${value}`, n) }))}
          value={unit}
          onChange={(value) => onChange({ ...condition, unit: units.find((one) => one === value) ?? 'DAY' })}
        />
      )}
    </>
  );
}

function Days({ condition, onChange }: ConditionProps<On<'date'>>) {
  const { t } = useLocale();
  return (
    <>
      {(['from', 'to'] as const).map((end) => (
        <TextInput
          key={end}
          type="date"
          aria-label={t(`segment.rule.${end}`)}
          leftSection={<span className="dim">{t(`segment.rule.${end}Short`)}</span>}
          leftSectionWidth={46}
          value={condition[end]}
          onChange={(event) => onChange({ ...condition, [end]: event.currentTarget.value })}
        />
      ))}
    </>
  );
}

function Count({ value, most, onChange }: { value: string; most: number; onChange: (value: string) => void }) {
  const { t } = useLocale();
  return (
    <NumberInput
      aria-label={t('segment.when.count')}
      min={1}
      max={most}
      allowDecimal={false}
      allowNegative={false}
      hideControls
      value={value}
      onChange={(next) => onChange(String(next))}
    />
  );
}

/** A birthday, whatever the year. */
export function BirthdayCondition({ condition, onChange }: ConditionProps<On<'birthday'>>) {
  const { t, tn, format } = useLocale();
  const { when, count, unit, month } = condition;
  return (
    <>
      <Select
        aria-label={t('segment.rule.operator')}
        allowDeselect={false}
        data={birthdayWhens.map((value) => ({ value, label: t(`segment.birthday.${value}`) }))}
        value={when}
        onChange={(value) => onChange({ ...condition, when: birthdayWhens.find((one) => one === value) ?? 'this' })}
      />
      {when === 'this' && (
        <Select
          aria-label={t('segment.when.unit')}
          allowDeselect={false}
          data={birthdayUnits.map((value) => ({ value, label: t(`segment.when.current.${value}`) }))}
          value={unit}
          onChange={(value) => onChange({ ...condition, unit: birthdayUnits.find((one) => one === value) ?? 'DAY' })}
        />
      )}
      {when === 'next' && (
        <>
          <Count value={count} most={366} onChange={(next) => onChange({ ...condition, count: next })} />
          <span className="dim">{tn('segment.when.DAY', Number(count))}</span>
        </>
      )}
      {when === 'month' && (
        <Select
          aria-label={t('segment.birthday.month')}
          allowDeselect={false}
          data={Array.from({ length: 12 }, (_, index) => ({ value: String(index + 1), label: format.month(index + 1) }))}
          value={month}
          onChange={(value) => onChange({ ...condition, month: value ?? '1' })}
        />
      )}
    </>
  );
}

/** A range of postcodes in one country. */
export function PostcodeCondition({ condition, onChange }: ConditionProps<On<'postcode'>>) {
  const locale = useLocale();
  const { t } = locale;
  const countries = useMemo(() => countryOptions(locale), [locale]);
  return (
    <>
      <Select
        aria-label={t('contact.field.country')}
        placeholder={t('contact.field.country')}
        searchable
        allowDeselect={false}
        data={countries}
        value={condition.country || null}
        onChange={(country) => onChange({ ...condition, country: country ?? '' })}
      />
      {(['from', 'to'] as const).map((end) => (
        <TextInput
          key={end}
          aria-label={t(`segment.rule.${end}`)}
          leftSection={<span className="dim">{t(`segment.rule.${end}Short`)}</span>}
          leftSectionWidth={46}
          maxLength={20}
          autoComplete="off"
          value={condition[end]}
          onChange={(event) => onChange({ ...condition, [end]: event.currentTarget.value })}
        />
      ))}
    </>
  );
}
