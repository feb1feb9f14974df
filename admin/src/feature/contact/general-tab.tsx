import { Autocomplete, Checkbox, Chip, Group, Input, TextInput } from '@mantine/core';
import type { FormErrors } from '@mantine/form';
import { useMemo, type ReactNode } from 'react';
import { AccountSheet } from '@/feature/account/account-sheet';
import { useSession } from '@/feature/session/session';
import type { ContactFullFragment, ContactKind } from '@/gql/graphql';
import { useLocale, type Locale } from '@/locale/locale';
import { languageOptions } from '@/part/country';
import { Row, Stack } from '@/part/form';
import { OptionalSelect } from '@/part/optional-select';
import { Sheet } from '@/part/page';
import { PhoneInput } from '@/part/phone-input';
import { AddressFollow } from './address-follow';
import { AddressInputs } from './address-inputs';
import { ContactForm, type ContactFormOf as Form } from './contact-form';
import { addressNames, operationalTypes, organizationKinds, type ContactValues } from './contact-values';
import { FurtherEmails, FurtherPhones, SeatInputs } from './further-inputs';
import { useOptions } from './use-options';

interface Props {
  contact: ContactFullFragment;
  accept: (contact: ContactFullFragment) => void;
  changes: number;
}

/** What the general form asks beyond the server: both names (S-30), and whole addresses (S-41). */
export function missingIn(contact: { kind: ContactKind }, { t }: Locale) {
  return (before: ContactValues, values: ContactValues): FormErrors => {
    const errors: FormErrors = {};
    const names = contact.kind === 'PERSON' ? (['firstName', 'lastName'] as const) : (['name'] as const);
    for (const name of names) if (!values[name].trim()) errors[name] = t('error.REQUIRED');
    for (const name of addressNames) {
      const address = values[name];
      if (JSON.stringify(address) === JSON.stringify(before[name]) || !Object.values(address).some(Boolean)) continue;
      for (const part of ['postcode', 'city', 'country'] as const) if (!address[part].trim()) errors[`${name}.${part}`] = t('error.REQUIRED');
    }
    return errors;
  };
}

/** The main data of a person or an organization, to edit (S-35, S-44), and a person's account (S-36). */
export function GeneralTab({ contact, accept, changes }: Props) {
  const locale = useLocale();
  return (
    <>
      <ContactForm contact={contact} accept={accept} check={missingIn(contact, locale)}>
        {(form) => <GeneralInputs contact={contact} form={form} follow={<AddressFollow contact={contact} accept={accept} />} />}
      </ContactForm>
      <AccountSheet contact={contact} changes={changes} />
    </>
  );
}

/** The inputs of the main data. `follow` stands above the main address and says whose it is. */
export function GeneralInputs({ contact, form, follow }: { contact: ContactFullFragment; form: Form; follow: ReactNode }) {
  const { t } = useLocale();
  return (
    <>
      <Sheet title={t('contact.general.identity')}>
        <Stack>
          {contact.kind === 'PERSON' ? <PersonInputs contact={contact} form={form} /> : <OrganizationInputs form={form} />}
          <RoleInputs contact={contact} form={form} />
        </Stack>
      </Sheet>
      <Sheet title={t('contact.summary.reach')}>
        <ReachInputs form={form} />
      </Sheet>
      {addressNames.map((name) => (
        <Sheet key={name} title={t(`contact.field.${name}`)}>
          {name === 'address' && follow}
          <AddressInputs form={form} name={name} />
        </Sheet>
      ))}
      <Sheet title={t('contact.field.seats')} lead={t('contact.seatsHelp')}>
        <SeatInputs form={form} />
      </Sheet>
    </>
  );
}

function RoleInputs({ contact, form }: { contact: ContactFullFragment; form: Form }) {
  const { t } = useLocale();
  const natures = useOptions('NATURE', contact.kind, contact.nature);
  return (
    <>
      {natures.length > 0 && <OptionalSelect label={t('contact.field.nature')} data={natures} {...form.getInputProps('natureId')} />}
      <Input.Wrapper label={t('contact.field.types')} labelElement="div" description={t('contact.typesHelp')}>
        <Chip.Group multiple value={form.values.types} onChange={(values) => form.setFieldValue('types', operationalTypes.filter((type) => values.includes(type)))}>
          <Group gap="xs" mt={6}>
            {operationalTypes.map((type) => (
              <Chip key={type} value={type}>
                {t(`contact.type.${type}`)}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      </Input.Wrapper>
    </>
  );
}

function PersonInputs({ contact, form }: { contact: ContactFullFragment; form: Form }) {
  const { t } = useLocale();
  const { hidden } = useSession();
  const titles = useOptions('TITLE', 'PERSON', null);
  const functions = useOptions('FUNCTION', 'PERSON', contact.__typename === 'Person' ? contact.function : null);
  return (
    <>
      <Row>
        <TextInput label={t('contact.field.firstName')} required {...form.getInputProps('firstName')} />
        <TextInput label={t('contact.field.lastName')} required {...form.getInputProps('lastName')} />
      </Row>
      <Row>
        <Autocomplete label={t('contact.field.title')} data={[...new Set(titles.map((title) => title.label))]} {...form.getInputProps('title')} />
        {!hidden.includes('BIRTH_DATE') && <TextInput label={t('contact.field.birthDate')} type="date" {...form.getInputProps('birthDate')} />}
      </Row>
      <Row>
        <TextInput label={t('contact.field.company')} {...form.getInputProps('company')} />
        <OptionalSelect label={t('contact.field.function')} data={functions} {...form.getInputProps('functionId')} />
      </Row>
    </>
  );
}

function OrganizationInputs({ form }: { form: Form }) {
  const { t } = useLocale();
  return (
    <>
      <Row>
        <TextInput label={t('contact.field.name')} required {...form.getInputProps('name')} />
        <OptionalSelect
          label={t('contact.field.organizationKind')}
          data={organizationKinds.map((value) => ({ value, label: t(`contact.organizationKind.${value}`) }))}
          {...form.getInputProps('organizationKind')}
        />
      </Row>
      {form.values.organizationKind === 'CLUB' && <Checkbox label={t('contact.field.recognised')} {...form.getInputProps('recognised', { type: 'checkbox' })} />}
    </>
  );
}

function ReachInputs({ form }: { form: Form }) {
  const locale = useLocale();
  const { t } = locale;
  const { site } = useSession();
  const tongues = useMemo(() => languageOptions(locale, form.values.language), [locale, form.values.language]);
  return (
    <Stack>
      <Row>
        <TextInput label={t('contact.field.email')} type="email" {...form.getInputProps('email')} />
        <OptionalSelect label={t('contact.field.language')} searchable data={tongues} {...form.getInputProps('language')} />
      </Row>
      <Row>
        {(['mobile', 'phone', 'fax'] as const).map((name) => (
          <PhoneInput
            key={name}
            label={t(`contact.field.${name}`)}
            country={form.values.address.country || site.country}
            value={form.values[name]}
            error={form.errors[name] === undefined ? undefined : String(form.errors[name])}
            onChange={(value) => form.setFieldValue(name, value)}
          />
        ))}
      </Row>
      <FurtherEmails form={form} />
      <FurtherPhones form={form} />
    </Stack>
  );
}
