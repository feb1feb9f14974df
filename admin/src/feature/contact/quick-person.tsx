import { Autocomplete, Button, Checkbox, Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMemo, useState } from 'react';
import { useNavigate } from 'react-router';
import { TwinHint } from '@/feature/duplicate/twin-hint';
import { useSession } from '@/feature/session/session';
import type { CreatePersonInput, QuickFormField } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { countryOptions } from '@/part/country';
import { FormButtons, Refused, Row, Stack } from '@/part/form';
import { PhoneInput } from '@/part/phone-input';
import { addressInput, type ContactValues } from './contact-values';
import { knownOf, newPerson, useCreatePerson } from './new-person';
import { StructureInputs } from './structure-inputs';
import { SubdivisionInputs } from './subdivision-inputs';
import { useOptions } from './use-options';

/** What the quick form sends; the address only where the person has one of their own. */
function inputOf({ title, lastName, firstName, mobile, email, address }: ContactValues, ownAddress: boolean): CreatePersonInput {
  return { quickForm: true, title, lastName, firstName, mobile, email, ...(ownAddress && { address: addressInput(address) }) };
}

/** Whoever asked for a new contact takes it, instead of its page being opened. */
export type Made = (contact: { id: string; displayName: string }) => void;

/** The quick form for a person: only the indispensable (S-105 to S-112). What is starred the site decides (G-33). */
export function QuickPerson({ name, onClose, onAdded, onMade }: { name: string; onClose: () => void; onAdded: () => void; onMade?: Made | undefined }) {
  const { t } = useLocale();
  const { site } = useSession();
  const navigate = useNavigate();
  const { create, busy, rest } = useCreatePerson();
  const [extra, setExtra] = useState(() => newPerson(site.country));
  const { structure, account } = extra;
  const form = useForm<ContactValues>({ initialValues: { ...extra.values, lastName: name } });
  const starred = (field: QuickFormField) => site.quickFormRequired.includes(field);
  const titles = useOptions('TITLE', 'PERSON', null);

  const submit = async (values: ContactValues, another: boolean) => {
    const { contact, fields } = await create(inputOf(values, !structure.useAddress), extra);
    form.setErrors(fields);
    if (!contact) return;
    onAdded();
    if (another) {
      form.setValues(newPerson(site.country).values);
      setExtra(newPerson(site.country));
      return;
    }
    onClose();
    if (onMade) onMade(contact);
    else void navigate(`/contacts/${contact.id}`);
  };
  const toFullRecord = () => {
    onClose();
    void navigate('/contacts/new', { state: { ...extra, values: form.values } });
  };

  return (
    <form onSubmit={form.onSubmit((values) => void submit(values, false))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <Autocomplete label={t('contact.field.title')} required={starred('TITLE')} data={[...new Set(titles.map((title) => title.label))]} {...form.getInputProps('title')} />
        <Row>
          <TextInput label={t('contact.field.lastName')} required={starred('LAST_NAME')} data-autofocus {...form.getInputProps('lastName')} />
          <TextInput label={t('contact.field.firstName')} required={starred('FIRST_NAME')} {...form.getInputProps('firstName')} />
        </Row>
        <Row>
          <PhoneInput
            label={t('contact.field.mobile')}
            required={starred('MOBILE')}
            country={form.values.address.country || site.country}
            value={form.values.mobile}
            error={form.errors['mobile'] === undefined ? undefined : String(form.errors['mobile'])}
            onChange={(value) => form.setFieldValue('mobile', value)}
          />
          <TextInput label={t('contact.field.email')} required={account || starred('EMAIL')} type="email" inputMode="email" {...form.getInputProps('email')} />
        </Row>
        <TwinHint known={knownOf(form.values)} />
        <Checkbox
          label={t('contact.quick.account')}
          description={t('contact.quick.accountHelp')}
          checked={account}
          onChange={(event) => {
            setExtra({ ...extra, account: event.currentTarget.checked });
            form.clearFieldError('email');
          }}
        />
        <StructureInputs value={structure} error={form.errors['organizationId'] === undefined ? undefined : String(form.errors['organizationId'])} onChange={(value) => setExtra({ ...extra, structure: value })} />
        {!structure.useAddress && <QuickAddress form={form} starred={starred} />}
      </Stack>
      <FormButtons busy={busy} save={t('action.create')} onCancel={onClose}>
        <Button variant="default" onClick={toFullRecord}>
          {t('contact.quick.full')}
        </Button>
        <Button variant="default" disabled={busy} onClick={() => void submit(form.values, true)}>
          {t('contact.addAnother')}
        </Button>
      </FormButtons>
    </form>
  );
}

function QuickAddress({ form, starred }: { form: ReturnType<typeof useForm<ContactValues>>; starred: (field: QuickFormField) => boolean }) {
  const locale = useLocale();
  const { t } = locale;
  const countries = useMemo(() => countryOptions(locale), [locale]);
  return (
    <>
      <Select
        label={t('contact.field.country')}
        required={starred('COUNTRY')}
        searchable
        data={countries}
        {...form.getInputProps('address.country')}
        onChange={(value) => {
          form.setFieldValue('address.country', value ?? '');
          form.setFieldValue('address.subdivision', '');
        }}
      />
      <Row>
        <TextInput label={t('contact.field.postcode')} required={starred('POSTCODE')} {...form.getInputProps('address.postcode')} />
        <TextInput label={t('contact.field.city')} required={starred('CITY')} {...form.getInputProps('address.city')} />
      </Row>
      <Textarea label={t('contact.field.lines')} autosize minRows={3} maxRows={3} {...form.getInputProps('address.lines')} />
      <SubdivisionInputs country={form.values.address.country} value={form.values.address.subdivision} onChange={(code) => form.setFieldValue('address.subdivision', code)} />
    </>
  );
}
