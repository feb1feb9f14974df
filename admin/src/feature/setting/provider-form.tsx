import { Anchor, PasswordInput, Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { refusalOf } from '@/api/error';
import { useSend } from '@/api/send';
import { SaveLoginProviderDocument, type LoginProviderKind, type LoginProvidersQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { CopyBlock } from '@/part/copy';
import { FormButtons, Refused, Row, Stack } from '@/part/form';
import { kindOf, kinds } from './provider-kind';

interface Props {
  provider: LoginProvidersQuery['site']['loginProviders'][number] | null;
  /** What redirect addresses begin with; the provider's name follows. */
  redirectUrls: readonly string[];
  onClose: () => void;
  onSaved: () => void;
}

/** Whose login it is, and the credentials that it gave this site. A secret is never shown again. */
export function ProviderForm({ provider, redirectUrls, onClose, onSaved }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const { send, busy } = useSend(SaveLoginProviderDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({
    initialValues: {
      kind: provider?.kind ?? ('OIDC' as LoginProviderKind),
      name: provider?.name ?? '',
      label: provider?.label ?? '',
      issuer: provider?.issuer ?? '',
      tenant: provider?.tenant || 'common',
      teamId: provider?.teamId ?? '',
      keyId: provider?.keyId ?? '',
      clientId: provider?.clientId ?? '',
      clientSecret: '',
    },
  });
  const { kind, name } = form.values;
  const known = kindOf(kind);
  const choose = (chosen: LoginProviderKind) => {
    const brand = kindOf(chosen)?.brand;
    // What nobody has typed follows the kind.
    const suggested = (of: LoginProviderKind) => ({ name: kindOf(of) ? of.toLowerCase() : '', label: kindOf(of) ? t('setting.provider.labelFor', { name: kindOf(of)?.brand ?? '' }) : '' });
    const [before, after] = [suggested(kind), suggested(chosen)];
    form.setValues({
      kind: chosen,
      ...(provider === null && form.values.name === before.name && { name: after.name }),
      ...(brand !== undefined && form.values.label === before.label && { label: after.label }),
    });
    form.clearErrors();
  };
  const submit = async (values: typeof form.values) => {
    const { clientSecret, issuer, tenant, teamId, keyId, ...others } = values;
    const payload = await send({
      input: {
        ...others,
        ...(kind === 'OIDC' && { issuer }),
        ...(kind === 'MICROSOFT' && { tenant }),
        ...(kind === 'APPLE' && { teamId, keyId }),
        ...(clientSecret && { clientSecret }),
      },
    });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (payload.errors.length === 0) onSaved();
  };
  const kept = provider !== null && provider.kind === kind && provider.issuer === (kind === 'OIDC' ? form.values.issuer : '');
  const secret = { required: !kept, ...(kept && { description: t('setting.provider.secretKept') }), ...form.getInputProps('clientSecret') };
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <Select
          label={t('setting.provider.kind')}
          data={[...kinds.map((one) => ({ value: one.kind, label: one.brand })), { value: 'OIDC', label: t('setting.provider.anyIssuer') }]}
          allowDeselect={false}
          data-autofocus
          {...form.getInputProps('kind')}
          onChange={(value) => value !== null && choose(value)}
        />
        {known && (
          <p className="dim" style={{ margin: 0 }}>
            {t(`setting.provider.help.${known.kind}`)}{' '}
            <Anchor href={known.console} target="_blank" rel="noreferrer" underline="always">
              {t('setting.provider.console', { name: known.brand })}
            </Anchor>
          </p>
        )}
        <TextInput label={t('setting.provider.name')} description={t('setting.provider.nameHelp')} required disabled={provider !== null} {...form.getInputProps('name')} />
        <TextInput label={t('setting.provider.label')} description={t('setting.provider.labelHelp')} required {...form.getInputProps('label')} />
        {name.trim() !== '' && (
          <div>
            <p className="dim" style={{ marginTop: 0 }}>{t('setting.provider.callback')}</p>
            {redirectUrls.map((url) => (
              <CopyBlock key={url} label={t('setting.provider.callbackLabel')} text={url + name.trim()} />
            ))}
          </div>
        )}
        {kind === 'OIDC' && <TextInput label={t('setting.provider.issuer')} placeholder="https://accounts.example.org" type="url" required {...form.getInputProps('issuer')} />}
        {kind === 'MICROSOFT' && <TextInput label={t('setting.provider.tenant')} description={t('setting.provider.tenantHelp')} required {...form.getInputProps('tenant')} />}
        <TextInput label={kind === 'APPLE' ? t('setting.provider.servicesId') : t('setting.provider.clientId')} required autoComplete="off" {...form.getInputProps('clientId')} />
        {kind === 'APPLE' ? (
          <>
            <Row>
              <TextInput label={t('setting.provider.teamId')} required autoComplete="off" {...form.getInputProps('teamId')} />
              <TextInput label={t('setting.provider.keyId')} required autoComplete="off" {...form.getInputProps('keyId')} />
            </Row>
            <Textarea label={t('setting.provider.privateKey')} placeholder="-----BEGIN PRIVATE KEY-----" autosize minRows={4} maxRows={8} autoComplete="off" spellCheck={false} {...secret} />
          </>
        ) : (
          <PasswordInput
            label={t('setting.provider.clientSecret')}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': t('session.showPassword') }}
            {...secret}
          />
        )}
      </Stack>
      <FormButtons busy={busy} save={t('action.save')} onCancel={onClose} />
    </form>
  );
}
