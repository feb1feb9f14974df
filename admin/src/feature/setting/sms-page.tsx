import { ActionIcon, Button, Group, Input, PasswordInput, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { RemoveSmsAccountDocument, SaveSmsAccountDocument, SmsSettingsDocument, TrySmsDocument, type SmsAccountFullFragment, type SmsProvider } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { CopyBlock } from '@/part/copy';
import { Refused, Row, Stack } from '@/part/form';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { SettingsFrame } from './settings-frame';

/** How the site sends text messages (P-22). */
export default function SmsPage() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: SmsSettingsDocument, requestPolicy: 'cache-and-network' });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  return (
    <SettingsFrame title={t('setting.tab.sms')}>
      {data ? (
        <>
          <AccountSheet key={data.smsAccount?.changedAt ?? ''} account={data.smsAccount} onChange={refresh} />
          {data.smsAccount && <TrySheet />}
        </>
      ) : error ? (
        <Problem error={error} retry={refresh} />
      ) : (
        <Loading />
      )}
    </SettingsFrame>
  );
}

const valuesOf = (account: SmsAccountFullFragment | null) => ({
  provider: account?.provider ?? ('TWILIO' as SmsProvider),
  sender: account?.sender ?? '',
  accountSid: account?.accountSid ?? '',
  secret: '',
  url: account?.url ?? '',
  method: account?.method || 'POST',
  headers: (account?.headers ?? []).map(({ name, value }) => ({ name, value })),
  body: account?.body || (account?.provider === 'GATEWAY' ? '' : '{"to": "{to}", "from": "{from}", "text": "{text}", "callback": "{callback}"}'),
  taken: account?.taken ?? '',
});

type Values = ReturnType<typeof valuesOf>;

/** Who carries the messages. The secret is never shown again. */
function AccountSheet({ account, onChange }: { account: SmsAccountFullFragment | null; onChange: () => void }) {
  const locale = useLocale();
  const { t, format } = locale;
  const confirm = useConfirm();
  const ok = useTellErrors();
  const { send, busy } = useSend(SaveSmsAccountDocument);
  const { send: sendRemove } = useSend(RemoveSmsAccountDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm<Values>({ initialValues: valuesOf(account) });
  const twilio = form.values.provider === 'TWILIO';

  const submit = async ({ secret, accountSid, url, method, headers, body, taken, ...values }: Values) => {
    const way = twilio ? { accountSid } : { url, method, headers: headers.filter((header) => header.name), body, taken };
    const payload = await send({ input: { ...values, ...way, ...(secret && { secret }) } });
    if (!payload) return;
    const { headers: wrong, ...fields } = refusalOf(locale, payload.errors, form.values).fields;
    form.setErrors(fields);
    setRest([...refusalOf(locale, payload.errors, form.values).rest, ...(wrong ? [wrong] : [])]);
    if (payload.errors.length > 0) return;
    confirmDone(t('setting.sms.saved'));
    onChange();
  };
  const remove = async () => {
    const sure = await confirm({ title: t('setting.sms.removeTitle'), text: t('setting.sms.removeText'), yes: t('setting.sms.remove'), danger: true });
    if (sure && ok(await sendRemove({}))) onChange();
  };
  const secret = { autoComplete: 'new-password', spellCheck: false, visibilityToggleButtonProps: { 'aria-label': t('session.showPassword') } };
  return (
    <Sheet title={t('setting.sms.title')} lead={t('setting.sms.lead')} aside={<Tag tone={account ? 'accent' : 'plain'}>{account ? t(`setting.sms.provider.${account.provider}`) : t('setting.sms.none')}</Tag>}>
      <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
        <Refused texts={rest} />
        <Stack>
          {account && <p className="dim" style={{ margin: 0 }}>{t('setting.sms.changed', { name: account.changedBy, ago: format.ago(account.changedAt) })}</p>}
          <SegmentedControl
            aria-label={t('setting.sms.who')}
            value={form.values.provider}
            onChange={(provider) => form.setFieldValue('provider', provider as SmsProvider)}
            data={(['TWILIO', 'GATEWAY'] as const).map((value) => ({ value, label: t(`setting.sms.provider.${value}`) }))}
          />
          <TextInput label={t('setting.sms.sender')} description={t(twilio ? 'setting.sms.senderTwilio' : 'setting.sms.senderHelp')} required {...form.getInputProps('sender')} />
          {twilio && <TextInput label={t('setting.sms.account')} placeholder="AC…" required spellCheck={false} {...form.getInputProps('accountSid')} />}
          {!twilio && <GatewayInputs form={form} />}
          <PasswordInput
            label={t(twilio ? 'setting.sms.token' : 'setting.sms.secret')}
            description={[t(twilio ? 'setting.sms.tokenHelp' : 'setting.sms.secretHelp'), ...(account?.secretHint ? [t('setting.sms.kept', { hint: account.secretHint })] : [])].join(' ')}
            required={twilio && !account?.secretHint}
            {...secret}
            {...form.getInputProps('secret')}
          />
          {account && account.provider === form.values.provider && (
            <div>
              <p className="dim" style={{ marginTop: 0 }}>{t(`setting.sms.repliesHelp.${account.provider}`)}</p>
              <CopyBlock label={t('setting.sms.replies')} text={account.repliesUrl} />
              <p className="dim" style={{ marginBottom: 0 }}>{account.heardAt ? t('setting.sms.heard', { ago: format.ago(account.heardAt) }) : t('setting.sms.notHeard')}</p>
            </div>
          )}
        </Stack>
        <Group justify="flex-end" mt="xl" gap="xs">
          {account && (
            <Button variant="subtle" color="red" onClick={() => void remove()}>
              {t('setting.sms.remove')}
            </Button>
          )}
          <Button type="submit" loading={busy} disabled={!form.isDirty()}>
            {t('action.save')}
          </Button>
        </Group>
      </form>
    </Sheet>
  );
}

/** The request that a gateway wants. */
function GatewayInputs({ form }: { form: ReturnType<typeof useForm<Values>> }) {
  const { t } = useLocale();
  return (
    <>
      <p className="dim" style={{ margin: 0 }}>{t('setting.sms.places', { places: '{to} {text} {from} {callback} {secret}' })}</p>
      <Row>
        <TextInput label={t('setting.sms.url')} placeholder="https://…" required spellCheck={false} {...form.getInputProps('url')} />
        <Select label={t('setting.sms.method')} data={['POST', 'GET', 'PUT']} allowDeselect={false} {...form.getInputProps('method')} />
      </Row>
      <div role="group" aria-label={t('setting.sms.headers')}>
        <Input.Label component="div">{t('setting.sms.headers')}</Input.Label>
        {form.values.headers.map((_, at) => (
          <Group key={at} gap="xs" mb="xs" wrap="nowrap" align="flex-end">
            <TextInput aria-label={t('setting.sms.headerName')} placeholder="Authorization" spellCheck={false} style={{ flex: 1 }} {...form.getInputProps(`headers.${at}.name`)} />
            <TextInput aria-label={t('setting.sms.headerValue')} placeholder="Bearer {secret}" spellCheck={false} style={{ flex: 2 }} {...form.getInputProps(`headers.${at}.value`)} />
            <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('setting.sms.headerRemove')} onClick={() => form.removeListItem('headers', at)}>
              <X size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Button variant="default" size="xs" display="block" leftSection={<Plus size={14} aria-hidden />} onClick={() => form.insertListItem('headers', { name: '', value: '' })}>
          {t('setting.sms.headerAdd')}
        </Button>
      </div>
      <Textarea label={t('setting.sms.body')} description={t('setting.sms.bodyHelp')} autosize minRows={3} maxRows={12} spellCheck={false} {...form.getInputProps('body')} />
      <TextInput label={t('setting.sms.taken')} description={t('setting.sms.takenHelp')} spellCheck={false} {...form.getInputProps('taken')} />
    </>
  );
}

/** Sends one message, to see whether it arrives. */
function TrySheet() {
  const locale = useLocale();
  const { t } = locale;
  const { send, busy } = useSend(TrySmsDocument);
  const form = useForm({ initialValues: { to: '', text: t('setting.sms.tryWords') } });
  const submit = async (values: typeof form.values) => {
    const payload = await send({ input: values });
    if (!payload) return;
    form.setErrors(refusalOf(locale, payload.errors, values).fields);
    if (payload.errors.length === 0) confirmDone(t('setting.sms.tried'));
  };
  return (
    <Sheet title={t('setting.sms.try')} lead={t('setting.sms.tryLead')}>
      <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
        <Row>
          <TextInput label={t('setting.sms.tryTo')} type="tel" required {...form.getInputProps('to')} />
          <TextInput label={t('campaign.body')} required {...form.getInputProps('text')} />
        </Row>
        <Group justify="flex-end" mt="md">
          <Button type="submit" variant="default" loading={busy}>
            {t('setting.sms.trySend')}
          </Button>
        </Group>
      </form>
    </Sheet>
  );
}
