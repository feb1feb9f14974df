import { Button } from '@mantine/core';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLocale, type Locale } from '@/locale/locale';
import { colorName } from '@/part/palette';
import { endsOf, listOf, type Criteria, type CriterionKey } from './criteria';
import { useContactName, type CriteriaOptions } from './use-criteria-options';
import css from './criteria-chips.module.css';

interface Chip {
  key: string;
  text: ReactNode;
  /** The criteria without it. */
  without: Partial<Criteria>;
}

interface Props {
  criteria: Criteria;
  options: CriteriaOptions;
  /** How many parts of a saved rule are no criteria. */
  rest: number;
  onChange: (part: Partial<Criteria>) => void;
  onDropRest: () => void;
  onClear: () => void;
  /** What can be done with what is searched for. */
  children?: ReactNode;
}

/** What the list is narrowed by, each with a way to take it away. */
export function CriteriaChips({ criteria, options, rest, onChange, onDropRest, onClear, children }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const linkTo = useContactName(criteria.linkTo);
  const chips = chipsOf(criteria, options, locale, linkTo);
  if (chips.length === 0 && rest === 0) return null;
  return (
    <div className={css.bar}>
      <ul className={css.list} aria-label={t('contactList.active')}>
        {chips.map(({ key, text, without }) => (
          <OneChip key={key} text={text} onRemove={() => onChange(without)} />
        ))}
        {rest > 0 && <OneChip text={t('contactList.rest')} onRemove={onDropRest} />}
      </ul>
      <Button size="compact-sm" variant="subtle" color="gray" onClick={onClear}>
        {t('contactList.clearAll')}
      </Button>
      <span className={css.actions}>{children}</span>
    </div>
  );
}

function OneChip({ text, onRemove }: { text: ReactNode; onRemove: () => void }) {
  const { t } = useLocale();
  return (
    <li className={css.chip}>
      <span className={css.text}>{text}</span>
      <button type="button" className={css.remove} onClick={onRemove} aria-label={t('contactList.remove', { name: String(text) })}>
        <X size={13} aria-hidden />
      </button>
    </li>
  );
}

function chipsOf(criteria: Criteria, options: CriteriaOptions, locale: Locale, linkTo: string): Chip[] {
  const { t, known, format } = locale;
  const named = (list: readonly { value: string; label: string }[], value: string) =>
    listOf(value)
      .map((id) => list.find((one) => one.value === id)?.label ?? '…')
      .join(` ${t('segment.rule.or')} `);
  const words: Partial<Record<CriterionKey, (value: string) => string>> = {
    country: (value) => format.country(value),
    nature: (value) => named(options.natures, value),
    group: (value) => named(options.groups, value),
    label: (value) => named(options.labels.flatMap((set) => set.items), value),
    linkType: (value) => named(options.links, value),
    color: (value) => colorName(value, locale),
    linkTo: () => linkTo,
  };
  const heading: Partial<Record<CriterionKey, string>> = {
    name: t('contact.field.name'), number: t('contactList.criterion.number'), relay: t('contactList.criterion.relay'), phone: t('contact.field.phone'), email: t('contact.field.email'),
    country: t('contact.field.country'), postcode: t('contact.field.postcode'), city: t('contact.field.city'), administrativeNumber: t('contact.field.administrativeNumber'),
    reference: t('contactList.criterion.reference'), iban: t('contact.field.iban'), nature: t('contact.field.nature'), group: t('contact.field.groups'), label: t('contactList.criterion.label'),
    color: t('contact.field.color'), ageFrom: t('contactList.criterion.ageFrom'), ageTo: t('contactList.criterion.ageTo'), linkType: t('contactList.criterion.linkType'), linkTo: t('contactList.criterion.linkTo'),
  };
  const chips: Chip[] = [];
  const add = (key: CriterionKey, text: string) => chips.push({ key, text, without: { [key]: '' } });
  for (const [key, name] of Object.entries(heading) as [CriterionKey, string][]) {
    if (criteria[key] !== '') add(key, `${name}: ${words[key]?.(criteria[key]) ?? criteria[key]}`);
  }
  const { type, role, status, consent } = criteria;
  if (type) add('type', `${t('contactList.criterion.type')}: ${known('contact.type', type) ?? type}`);
  if (role) add('role', `${t('contactList.column.ROLES')}: ${known('contact.role', role) ?? role}`);
  if (status) add('status', `${t('contact.field.statuses')}: ${known('contact.status', status) ?? status}`);
  if (consent) add('consent', `${t('contactList.criterion.consent')}: ${known('contactList.consent', consent) ?? consent}`);
  if (criteria.ambassador) add('ambassador', t('contactList.option.ambassador'));
  if (criteria.invalid) add('invalid', t('contactList.option.invalid'));
  if (criteria.noProspects) add('noProspects', t('contactList.option.noProspects'));
  if (criteria.noRelays) add('noRelays', t('contactList.option.noRelays'));
  for (const [id, value] of Object.entries(criteria.fields)) {
    const field = options.fieldById.get(id);
    if (value === '' || !field) continue;
    const { [id]: _, ...fields } = criteria.fields;
    chips.push({ key: id, text: `${field.label}: ${fieldWord(field, value, locale)}`, without: { fields } });
  }
  return chips;
}

function fieldWord(field: { type: string; choices: readonly { id: string; label: string }[] }, value: string, { t, format }: Locale): string {
  switch (field.type) {
    case 'DROPDOWN':
      return listOf(value).map((id) => field.choices.find((choice) => choice.id === id)?.label ?? '…').join(` ${t('segment.rule.or')} `);
    case 'YES_NO':
      return t(value === 'yes' ? 'contactList.yes' : 'contactList.no');
    case 'CHECKBOX':
      return t(value === 'yes' ? 'contactList.ticked' : 'contactList.unticked');
    case 'COUNTRY':
      return format.country(value);
    case 'NUMBER':
    case 'DATE':
      return endsOf(value).map((end) => (end === '' ? '' : field.type === 'DATE' ? format.day(end) : format.number(Number(end)))).join(' – ');
    default:
      return value;
  }
}
