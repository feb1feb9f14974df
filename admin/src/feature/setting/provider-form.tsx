import { PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { refusalOf } from '@/api/error';
import { useSend } from '@/api/send';
import { SaveLoginProviderDocument, type LoginProvidersQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';

interface Props {
  provider: LoginProvidersQuery['site']['loginProviders'][number] | null;
  onClose: () => void;
  onSaved: () => void;
}

/** A provider's address and the credentials it gave this site. A secret is never shown again. */
export function ProviderForm({ provider, onClose, onSaved }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const { send, busy } = useSend(SaveLoginProviderDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({
    initialValues: {
      name: provider?.name ?? '',
      label: provider?.label ?? '',
      issuer: provider?.issuer ?? '',
      clientId: provider?.clientId ?? '',
      clientSecret: '',
    },
  });
  const submit = async (values: typeof form.values) => {
    const { clientSecret, ...others } = values;
    const payload = await send({ input: { ...others, ...(clientSecret && { clientSecret }) } });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (payload.errors.length === 0) onSaved();
  };
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <TextInput label={t('setting.provider.name')} description={t('setting.provider.nameHelp')} required disabled={provider !== null} data-autofocus {...form.getInputProps('name')} />
        <TextInput label={t('setting.provider.label')} description={t('setting.provider.labelHelp')} required {...form.getInputProps('label')} />
        <TextInput label={t('setting.provider.issuer')} placeholder="https://accounts.example.org" type="url" required {...form.getInputProps('issuer')} />
        <TextInput label={t('setting.provider.clientId')} required autoComplete="off" {...form.getInputProps('clientId')} />
        <PasswordInput
          label={t('setting.provider.clientSecret')}
          required={provider === null}
          autoComplete="new-password"
          {...(provider && { description: t('setting.provider.secretKept') })}
          visibilityToggleButtonProps={{ 'aria-label': t('session.showPassword') }}
          {...form.getInputProps('clientSecret')}
        />
      </Stack>
      <FormButtons busy={busy} save={t('action.save')} onCancel={onClose} />
    </form>
  );
}
