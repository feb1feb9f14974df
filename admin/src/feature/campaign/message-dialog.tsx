import { Button, Modal, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useClient, useQuery } from 'urql';
import { failureText, refusalOf } from '@/api/error';
import { confirmDone, tell, useSend } from '@/api/send';
import { purposeName } from '@/feature/contact/purpose';
import { NoMailServer } from '@/feature/mail/no-mail-server';
import { MessageChoicesDocument, MessagePreviewDocument, SendMessageDocument, type ContactFullFragment, type MendFragment, type MessageChannel, type MessagePreviewQuery } from '@/gql/graphql';
import { languages } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';
import { MessageHead } from './message-head';
import { NoSms, Plain, SmsCount, SmsRoomText } from './sms-count';
import { channels } from './words';
import css from './campaign.module.css';

interface Props {
  contact: ContactFullFragment;
  opened: boolean;
  onClose: () => void;
  onSent: () => void;
}

/** Writes one message to one contact (S-57). */
export function MessageDialog({ contact, opened, onClose, onSent }: Props) {
  const { t } = useLocale();
  return (
    <Modal opened={opened} onClose={onClose} size="lg" title={t('campaign.writeTo', { name: contact.displayName })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <MessageForm contact={contact} onClose={onClose} onSent={onSent} />
    </Modal>
  );
}

const personal = 'personal'; // what concerns this person: no purpose

type Preview = NonNullable<MessagePreviewQuery['messagePreview']['message']>;

function MessageForm({ contact, onClose, onSent }: Omit<Props, 'opened'>) {
  const locale = useLocale();
  const { t } = locale;
  const client = useClient();
  const [{ data }] = useQuery({ query: MessageChoicesDocument, requestPolicy: 'cache-and-network' });
  const { send, busy } = useSend(SendMessageDocument);
  const [rest, setRest] = useState<string[]>([]);
  const [preview, setPreview] = useState<Preview | null>(null);
  const form = useForm({
    initialValues: { channel: (contact.email || !contact.mobile ? 'EMAIL' : 'SMS') as MessageChannel, purposeId: personal, subject: '', body: '' },
    onValuesChange: () => setPreview(null),
  });
  const { channel, body } = form.values;
  const sms = channel === 'SMS';
  const configured = !data || channel === 'INTERNAL' || (sms ? data.smsConfigured : data.mailConfigured);
  const language = languages.find((one) => one === contact.language);
  const address = sms ? contact.mobile : contact.email;

  const input = (values: typeof form.values) => ({
    contactId: contact.id, channel: values.channel, purposeId: values.purposeId === personal ? null : values.purposeId, subject: values.channel === 'SMS' ? '' : values.subject, body: values.body,
  });
  const refuse = (errors: MendFragment[]) => {
    const refusal = refusalOf(locale, errors, form.values);
    const { channel: unreachable, ...fields } = refusal.fields;
    form.setErrors(fields);
    setRest([...refusal.rest, ...(unreachable ? [reason(errors) ?? unreachable] : [])]);
  };
  const reason = (errors: MendFragment[]) => {
    const found = errors.find((error) => error.path.at(-1) === 'channel');
    return found ? locale.known('campaign.reason', found.code) : undefined;
  };
  const look = async () => {
    const result = await client.query(MessagePreviewDocument, { input: input(form.values) }, { requestPolicy: 'network-only' }).toPromise();
    if (result.error) tell(failureText(locale, result.error));
    if (!result.data) return;
    refuse(result.data.messagePreview.errors);
    setPreview(result.data.messagePreview.message);
  };
  const submit = async (values: typeof form.values) => {
    const payload = await send({ input: input(values) });
    if (!payload) return;
    refuse(payload.errors);
    if (payload.errors.length > 0) return;
    confirmDone(t('campaign.written'));
    onSent();
    onClose();
  };

  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      {!configured && (sms ? <NoSms /> : <NoMailServer>{t('campaign.noMailServer')}</NoMailServer>)}
      <Stack>
        <SegmentedControl
          aria-label={t('campaign.channelName')}
          value={channel}
          onChange={(one) => form.setFieldValue('channel', one as MessageChannel)}
          data={channels.map((one) => ({ value: one, label: t(`campaign.channel.${one}`) }))}
        />
        {channel !== 'INTERNAL' && <p className={css.fields}>{address ? t('campaign.goesTo', { address }) : t(`campaign.goesNowhere.${channel}`)}</p>}
        <Select
          label={t('campaign.purpose')}
          description={t(form.values.purposeId === personal ? 'campaign.personalHelp' : `campaign.purposeHelp.${channel}`)}
          allowDeselect={false}
          data={[{ value: personal, label: t('campaign.personal') }, ...(data?.consentPurposes ?? []).map((purpose) => ({ value: purpose.id, label: purposeName(purpose, locale.language) }))]}
          {...form.getInputProps('purposeId')}
        />
        {!sms && <TextInput label={t('campaign.subject')} required data-autofocus {...form.getInputProps('subject')} />}
        <Textarea
          label={t('campaign.body')}
          description={[t(`campaign.bodyHelp.${channel}`), ...(language ? [t('campaign.speaks', { language: locale.format.language(language) })] : [])].join(' ')}
          required
          autosize
          minRows={sms ? 3 : 7}
          maxRows={20}
          {...(sms && { 'data-autofocus': true })}
          {...form.getInputProps('body')}
        />
        {sms && <SmsCount text={body} />}
        {preview && (
          <div role="status">
            <div className={css.label}>{t('campaign.preview')}</div>
            <MessageHead channel={channel} message={preview} />
            <Plain text={preview.text} />
            {preview.length && <SmsRoomText room={preview.length} />}
          </div>
        )}
      </Stack>
      <FormButtons busy={busy} save={t('campaign.send')} onCancel={onClose}>
        <Button variant="default" onClick={() => void look()}>
          {t('campaign.preview')}
        </Button>
      </FormButtons>
    </form>
  );
}
