import { NumberInput, TextInput } from '@mantine/core';
import { useLocale } from '@/locale/locale';
import type { ConditionProps, On } from './record-condition';
import { maxAge } from './rule';

const hints = { search: 'contact.list.searchHint', name: 'contactList.nameHint', email: 'segment.rule.emailHint', phone: 'segment.rule.phoneHint' } as const;

/** What the search box, or one of its criteria, finds by (S-66, S-70, S-71). */
export function TypedCondition({ condition, onChange }: ConditionProps<On<'typed'>>) {
  const { t } = useLocale();
  const { key, value } = condition;
  return (
    <TextInput
      aria-label={t(`segment.attribute.${key}`)}
      placeholder={t(hints[key])}
      maxLength={200}
      autoComplete="off"
      spellCheck={false}
      value={value}
      onChange={(event) => onChange({ ...condition, value: event.currentTarget.value })}
    />
  );
}

/** The contact number (S-67). */
export function NumberCondition({ condition, onChange }: ConditionProps<On<'number'>>) {
  const { t } = useLocale();
  return (
    <TextInput
      aria-label={t('segment.attribute.number')}
      inputMode="numeric"
      autoComplete="off"
      value={condition.number}
      onChange={(event) => onChange({ on: 'number', number: event.currentTarget.value.replace(/\D/g, '').slice(0, 9) })}
    />
  );
}

/** A range of ages in whole years, both ends included. */
export function AgeCondition({ condition, onChange }: ConditionProps<On<'age'>>) {
  const { t } = useLocale();
  return (
    <>
      {(['from', 'to'] as const).map((end) => (
        <NumberInput
          key={end}
          aria-label={t(`segment.rule.${end}`)}
          leftSection={<span className="dim">{t(`segment.rule.${end}Short`)}</span>}
          leftSectionWidth={46}
          min={0}
          max={maxAge}
          allowDecimal={false}
          hideControls
          value={condition[end]}
          onChange={(value) => onChange({ ...condition, [end]: String(value) })}
        />
      ))}
    </>
  );
}
