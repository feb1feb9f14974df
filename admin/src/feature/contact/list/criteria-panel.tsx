import { Button, Checkbox, MultiSelect, NumberInput, Select, TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import { useEffect, useId, useMemo, useRef, useState, type ReactNode } from 'react';
import { useSession } from '@/feature/session/session';
import type { ConsentTest, ContactRole, FieldFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { ColorInput } from '@/part/color-input';
import { countryOptions } from '@/part/country';
import { PhoneInput } from '@/part/phone-input';
import { ContactPicker } from '../contact-picker';
import { operationalTypes, statuses } from '../contact-values';
import { endsOf, listOf, noCriteria, rangeOf, type Criteria, type CriterionKey } from './criteria';
import { useContactName, type Choice, type CriteriaOptions } from './use-criteria-options';
import css from './criteria-panel.module.css';

interface Props {
  criteria: Criteria;
  options: CriteriaOptions;
  /** Searches by the criteria. */
  onSearch: (criteria: Criteria) => void;
}

const roles: readonly ContactRole[] = ['PUBLIC_INDIVIDUAL', 'MEMBER', 'RELAY', 'CHILD', 'PUBLIC_STRUCTURE', 'SUBSIDIARY'];
const consents: readonly ConsentTest[] = ['GIVEN', 'WITHDRAWN', 'NONE'];

/** The advanced search (S-64 to S-83): nothing is asked before Search, and Clear empties every criterion. */
export function CriteriaPanel({ criteria, options, onSearch }: Props) {
  const { t } = useLocale();
  const [draft, setDraft] = useState(criteria);
  const form = useRef<HTMLFormElement>(null);
  // The back button, a chip or a view changes what is searched for. What was searched for from here comes
  // back with the address, a moment later: it leaves alone what has been typed since.
  const asked = JSON.stringify(criteria);
  const sent = useRef<string | null>(null);
  useEffect(() => {
    if (asked !== sent.current) setDraft(criteria);
    sent.current = null;
  }, [asked]);
  const search = (next: Criteria) => {
    sent.current = JSON.stringify(next);
    onSearch(next);
  };
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const set = (part: Partial<Criteria>) => setDraft((before) => ({ ...before, ...part }));
  return (
    <form
      ref={form}
      className={css.panel}
      aria-label={t('contactList.advanced')}
      onSubmit={(event) => {
        event.preventDefault();
        search(draft);
      }}
    >
      <Who draft={draft} set={set} />
      <Where draft={draft} set={set} />
      <What draft={draft} set={set} options={options} />
      <Links draft={draft} set={set} options={options} />
      {options.fields.length > 0 && <Own draft={draft} set={set} fields={options.fields} />}
      <Options draft={draft} set={set} />
      <div className={css.buttons}>
        <Button
          variant="default"
          onClick={() => {
            setDraft(noCriteria);
            search(noCriteria);
          }}
        >
          {t('action.clear')}
        </Button>
        <Button type="submit" leftSection={<Search size={15} aria-hidden />}>
          {t('contactList.search')}
        </Button>
      </div>
    </form>
  );
}

interface PartProps {
  draft: Criteria;
  set: (part: Partial<Criteria>) => void;
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className={css.part}>
      <legend className={css.title}>{title}</legend>
      <div className={css.inputs}>{children}</div>
    </fieldset>
  );
}

/** The properties of a text input for a criterion. */
const typed = ({ draft, set }: PartProps, key: CriterionKey) => ({
  maxLength: 200,
  autoComplete: 'off',
  spellCheck: false,
  value: draft[key],
  onChange: (event: { currentTarget: { value: string } }) => set({ [key]: event.currentTarget.value }),
});

function Who(props: PartProps) {
  const { t } = useLocale();
  const { site, hidden } = useSession();
  const { draft, set } = props;
  return (
    <Part title={t('contactList.part.who')}>
      <TextInput label={t('contact.field.name')} placeholder={t('contactList.nameHint')} {...typed(props, 'name')} />
      <TextInput
        label={t('contactList.criterion.number')}
        inputMode="numeric"
        {...typed(props, 'number')}
        onChange={(event) => set({ number: event.currentTarget.value.replace(/\D/g, '').slice(0, 9) })}
      />
      <PhoneInput label={t('contact.field.phone')} country={site.country} value={draft.phone} onChange={(phone) => set({ phone })} />
      <TextInput label={t('contact.field.email')} inputMode="email" {...typed(props, 'email')} />
      <TextInput label={t('contact.field.administrativeNumber')} {...typed(props, 'administrativeNumber')} />
      <TextInput label={t('contactList.criterion.reference')} {...typed(props, 'reference')} />
      {!hidden.includes('IBAN') && <TextInput label={t('contact.field.iban')} description={t('contactList.ibanHelp')} inputWrapperOrder={['label', 'input', 'description', 'error']} {...typed(props, 'iban')} />}
    </Part>
  );
}

function Where(props: PartProps) {
  const locale = useLocale();
  const { t } = locale;
  return (
    <Part title={t('contactList.part.where')}>
      <Choose label={t('contact.field.country')} none={t('contactList.allCountries')} data={countryOptions(locale)} searchable name="country" {...props} />
      <TextInput label={t('contact.field.postcode')} {...typed(props, 'postcode')} />
      <TextInput label={t('contact.field.city')} {...typed(props, 'city')} />
    </Part>
  );
}

/** One of a list, or any. */
function Choose({ label, none, data, name, draft, set, searchable = false }: PartProps & { label: string; none: string; data: Choice[]; name: CriterionKey; searchable?: boolean }) {
  const { t } = useLocale();
  return (
    <Select
      label={label}
      placeholder={none}
      data={data}
      searchable={searchable}
      clearable
      clearButtonProps={{ 'aria-label': t('contactList.clearOne', { name: label }) }}
      value={draft[name] || null}
      onChange={(value) => set({ [name]: value ?? '' })}
    />
  );
}

function What({ options, ...props }: PartProps & { options: CriteriaOptions }) {
  const { t } = useLocale();
  const { hidden } = useSession();
  const { draft, set } = props;
  const any = t('contactList.any');
  const years = (name: 'ageFrom' | 'ageTo') => (
    <NumberInput
      label={t(`contactList.criterion.${name}`)}
      min={0}
      max={150}
      allowDecimal={false}
      hideControls
      value={draft[name]}
      onChange={(value) => set({ [name]: String(value) })}
    />
  );
  return (
    <Part title={t('contactList.part.what')}>
      <Choose label={t('contact.field.nature')} none={any} data={options.natures} name="nature" {...props} />
      <Choose label={t('contactList.criterion.type')} none={any} data={operationalTypes.map((value) => ({ value, label: t(`contact.type.${value}`) }))} name="type" {...props} />
      <Choose label={t('contactList.column.ROLES')} none={any} data={roles.map((value) => ({ value, label: t(`contact.role.${value}`) }))} name="role" {...props} />
      <Choose label={t('contact.field.statuses')} none={any} data={statuses.map((value) => ({ value, label: t(`contact.status.${value}`) }))} name="status" {...props} />
      <MultiSelect
        label={t('contact.field.groups')}
        placeholder={draft.group === '' ? any : ''}
        data={options.groups}
        searchable
        value={listOf(draft.group)}
        onChange={(ids) => set({ group: ids.join(',') })}
      />
      <MultiSelect
        label={t('contactList.criterion.label')}
        placeholder={draft.label === '' ? any : ''}
        data={options.labels}
        searchable
        value={listOf(draft.label)}
        onChange={(ids) => set({ label: ids.join(',') })}
      />
      <Choose label={t('contactList.criterion.consent')} none={any} data={consents.map((value) => ({ value, label: t(`contactList.consent.${value}`) }))} name="consent" {...props} />
      {!hidden.includes('BIRTH_DATE') && (
        <div className={css.pair}>
          {years('ageFrom')}
          {years('ageTo')}
        </div>
      )}
      <div className={css.wide}>
        <ColorInput label={t('contact.field.color')} value={draft.color} onChange={(color) => set({ color })} />
      </div>
    </Part>
  );
}

function Links({ options, ...props }: PartProps & { options: CriteriaOptions }) {
  const { t } = useLocale();
  const { draft, set } = props;
  const name = useContactName(draft.linkTo);
  const chosen = useMemo(() => (draft.linkTo && name !== '…' ? { id: draft.linkTo, name } : null), [draft.linkTo, name]);
  return (
    <Part title={t('contactList.part.links')}>
      <TextInput label={t('contactList.criterion.relay')} placeholder={t('contactList.relayHint')} {...typed(props, 'relay')} />
      <Choose label={t('contactList.criterion.linkType')} none={t('contactList.any')} data={options.links} name="linkType" searchable {...props} />
      <ContactPicker
        label={t('contactList.criterion.linkTo')}
        value={draft.linkTo}
        kind={null}
        required={false}
        chosen={chosen}
        onChange={(linkTo) => set({ linkTo })}
      />
    </Part>
  );
}

/** The site's own fields (G-02): each by what its type can say. */
function Own({ draft, set, fields }: PartProps & { fields: FieldFullFragment[] }) {
  const { t } = useLocale();
  return (
    <Part title={t('contactList.part.fields')}>
      {fields.map((field) => (
        <FieldCriterion
          key={field.id}
          field={field}
          any={t('contactList.any')}
          value={draft.fields[field.id] ?? ''}
          onChange={(value) => set({ fields: { ...draft.fields, [field.id]: value } })}
        />
      ))}
    </Part>
  );
}

function FieldCriterion({ field, any, value, onChange }: { field: FieldFullFragment; any: string; value: string; onChange: (value: string) => void }) {
  const locale = useLocale();
  const { t } = locale;
  if (field.type === 'NUMBER' || field.type === 'DATE') {
    const [from, to] = endsOf(value);
    const end = (label: string, is: string, write: (next: string) => void) =>
      field.type === 'DATE' ? (
        <TextInput label={label} type="date" value={is} onChange={(event) => write(event.currentTarget.value)} />
      ) : (
        <NumberInput label={label} hideControls allowedDecimalSeparators={['.', ',']} value={is} onChange={(next) => write(String(next))} />
      );
    return (
      <div className={css.pair}>
        {end(t('contactList.from', { name: field.label }), from, (next) => onChange(rangeOf(next, to)))}
        {end(t('contactList.to', { name: field.label }), to, (next) => onChange(rangeOf(from, next)))}
      </div>
    );
  }
  if (field.type === 'COUNTRY') {
    return (
      <Select
        label={field.label}
        placeholder={any}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': t('contactList.clearOne', { name: field.label }) }}
        data={countryOptions(locale)}
        value={value || null}
        onChange={(next) => onChange(next ?? '')}
      />
    );
  }
  if (field.type !== 'DROPDOWN' && field.type !== 'YES_NO' && field.type !== 'CHECKBOX') return <TextInput label={field.label} maxLength={200} value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
  if (field.type === 'DROPDOWN') {
    return (
      <MultiSelect
        label={field.label}
        placeholder={value === '' ? any : ''}
        data={field.choices.map(({ id, label }) => ({ value: id, label }))}
        maxValues={20}
        searchable
        value={listOf(value)}
        onChange={(ids) => onChange(ids.join(','))}
      />
    );
  }
  return (
    <Select
      label={field.label}
      placeholder={any}
      clearable
      clearButtonProps={{ 'aria-label': t('contactList.clearOne', { name: field.label }) }}
      data={[
        { value: 'yes', label: t(field.type === 'YES_NO' ? 'contactList.yes' : 'contactList.ticked') },
        { value: 'no', label: t(field.type === 'YES_NO' ? 'contactList.no' : 'contactList.unticked') },
      ]}
      value={value || null}
      onChange={(next) => onChange(next ?? '')}
    />
  );
}

/** What is in the result beside what matches (S-79 to S-82). */
function Options({ draft, set }: PartProps) {
  const { t } = useLocale();
  const id = useId();
  const box = (key: CriterionKey, label: string, on: boolean, value: (checked: boolean) => string) => (
    <Checkbox id={`${id}-${key}`} label={label} checked={on} onChange={(event) => set({ [key]: value(event.currentTarget.checked) })} />
  );
  const given = (checked: boolean) => (checked ? '1' : '');
  const taken = (checked: boolean) => (checked ? '' : '1');
  return (
    <fieldset className={css.part}>
      <legend className={css.title}>{t('contactList.part.options')}</legend>
      <div className={css.options}>
        {box('ambassador', t('contactList.option.ambassador'), draft.ambassador !== '', given)}
        {box('invalid', t('contactList.option.invalid'), draft.invalid !== '', given)}
        {box('noProspects', t('contactList.option.prospects'), draft.noProspects === '', taken)}
        {box('noRelays', t('contactList.option.relays'), draft.noRelays === '', taken)}
      </div>
    </fieldset>
  );
}
