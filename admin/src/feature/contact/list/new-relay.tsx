import { Checkbox, Drawer, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { CreateRelayDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Row, Stack } from '@/part/form';
import { ContactPicker } from '../contact-picker';
import { useContactName } from './use-criteria-options';

interface Props {
  opened: boolean;
  onClose: () => void;
  onAdded: () => void;
}

/** Makes a person who is the relay of an organization, in one step (S-88). */
export function NewRelay({ opened, onClose, onAdded }: Props) {
  const { t } = useLocale();
  return (
    <Drawer opened={opened} onClose={onClose} title={t('link.newRelay')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {opened && <RelayForm onClose={onClose} onAdded={onAdded} />}
    </Drawer>
  );
}

function RelayForm({ onClose, onAdded }: Omit<Props, 'opened'>) {
  const locale = useLocale();
  const { t } = locale;
  const navigate = useNavigate();
  const { send, busy } = useSend(CreateRelayDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({ initialValues: { organizationId: '', person: { firstName: '', lastName: '', email: '', mobile: '' }, role: '', useAddress: true } });
  const name = useContactName(form.values.organizationId);

  const submit = async (values: typeof form.values) => {
    if (values.organizationId === '') return form.setErrors({ organizationId: t('error.REQUIRED') });
    const payload = await send({ input: values });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (!payload.person) return;
    confirmDone(t('contact.added', { name: payload.person.displayName }));
    onAdded();
    onClose();
    void navigate(`/contacts/${payload.person.id}`);
  };

  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <ContactPicker
          label={t('contactList.relayOf')}
          kind="ORGANIZATION"
          value={form.values.organizationId}
          error={form.errors['organizationId'] ? String(form.errors['organizationId']) : undefined}
          onChange={(id) => form.setFieldValue('organizationId', id)}
        />
        <Row>
          <TextInput label={t('contact.field.firstName')} {...form.getInputProps('person.firstName')} />
          <TextInput label={t('contact.field.lastName')} {...form.getInputProps('person.lastName')} />
        </Row>
        <TextInput label={t('contact.field.email')} type="email" {...form.getInputProps('person.email')} />
        <TextInput label={t('contact.field.mobile')} type="tel" {...form.getInputProps('person.mobile')} />
        <TextInput label={t('link.role')} description={t('link.roleHelp')} {...form.getInputProps('role')} />
        <Checkbox label={name ? t('link.useAddress', { name }) : t('contactList.useItsAddress')} {...form.getInputProps('useAddress', { type: 'checkbox' })} />
      </Stack>
      <FormButtons busy={busy} save={t('action.create')} onCancel={onClose} />
    </form>
  );
}
