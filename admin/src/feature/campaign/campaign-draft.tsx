import { Button, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { ContactPicker } from '@/feature/contact/contact-picker';
import { purposeName } from '@/feature/contact/purpose';
import { NoMailServer } from '@/feature/mail/no-mail-server';
import { CampaignChoicesDocument, DeleteCampaignDocument, SaveCampaignDocument, type CampaignFullFragment, type MessageChannel } from '@/gql/graphql';
import { languageNames, languages, type Language } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { Refused, Stack } from '@/part/form';
import { Page, Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { CampaignLook } from './campaign-look';
import { NoSms, SmsCount } from './sms-count';
import { channels } from './words';
import css from './campaign.module.css';

interface Props {
  /** Null: a new one. */
  campaign: CampaignFullFragment | null;
  /** By which channels the site can send. */
  configured: Record<MessageChannel, boolean>;
  onChange: (campaign: CampaignFullFragment) => void;
}

type Aim = 'segment' | 'organization' | 'contacts';

interface Values {
  name: string;
  channel: MessageChannel;
  purposeId: string;
  aim: Aim;
  segmentId: string;
  organizationId: string;
  texts: Record<Language, { subject: string; body: string }>;
}

const service = 'service'; // a contract's matter: no purpose

function valuesOf(campaign: CampaignFullFragment | null): Values {
  const text = (language: Language) => {
    const found = campaign?.texts.find((one) => one.language === language);
    return { subject: found?.subject ?? '', body: found?.body ?? '' };
  };
  return {
    name: campaign?.name ?? '',
    channel: campaign?.channel ?? 'EMAIL',
    purposeId: campaign ? (campaign.purpose?.id ?? service) : '',
    aim: campaign?.target.organizationId ? 'organization' : campaign?.target.contactIds ? 'contacts' : 'segment',
    segmentId: campaign?.target.segmentId ?? '',
    organizationId: campaign?.target.organizationId ?? '',
    texts: { en: text('en'), fr: text('fr'), nb: text('nb') },
  };
}

/** Writes a campaign: to whom, why, and what it says in each language. */
export function CampaignDraft({ campaign, configured, onChange }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const navigate = useNavigate();
  const confirm = useConfirm();
  const told = useTellErrors();
  const [{ data, error }, reload] = useQuery({ query: CampaignChoicesDocument, requestPolicy: 'cache-and-network' });
  const save = useSend(SaveCampaignDocument);
  const remove = useSend(DeleteCampaignDocument);
  const [rest, setRest] = useState<string[]>([]);
  const [language, setLanguage] = useState<Language>(() => languages.find((one) => campaign?.texts.some((text) => text.language === one)) ?? locale.language);
  const form = useForm<Values>({ initialValues: valuesOf(campaign) });
  const sms = form.values.channel === 'SMS';

  const submit = async (values: Values) => {
    const texts = languages.filter((one) => values.texts[one].subject || values.texts[one].body).map((one) => ({ language: one, body: values.texts[one].body, subject: sms ? '' : values.texts[one].subject }));
    const target =
      values.aim === 'segment' ? { segmentId: values.segmentId || null } : values.aim === 'organization' ? { organizationId: values.organizationId || null } : { contactIds: campaign?.target.contactIds ?? null };
    const payload = await save.send({
      input: { ...(campaign && { id: campaign.id, version: campaign.version }), name: values.name, channel: values.channel, purposeId: values.purposeId === service ? null : values.purposeId || null, texts, target },
    });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, { ...values, target });
    const { 'target.segmentId': segmentId, 'target.organizationId': organizationId, target: aim, ...fields } = refusal.fields;
    form.setErrors({ ...fields, ...((segmentId ?? (values.aim === 'segment' && aim)) && { segmentId: segmentId ?? aim }), ...((organizationId ?? (values.aim === 'organization' && aim)) && { organizationId: organizationId ?? aim }) });
    setRest([...refusal.rest, ...(refusal.fields['texts'] ? [refusal.fields['texts']] : [])]);
    const wrong = languages.find((one) => Object.keys(fields).some((path) => path.startsWith(`texts.${one}`)));
    if (wrong) setLanguage(wrong);
    if (payload.errors.length > 0 || !payload.campaign) return;
    form.resetDirty();
    confirmDone(t('form.saved'));
    onChange(payload.campaign);
    if (!campaign) void navigate(`/campaigns/${payload.campaign.id}`, { replace: true });
  };

  const drop = async () => {
    if (!campaign || !(await confirm({ title: t('campaign.deleteTitle'), text: campaign.name, yes: t('action.delete'), danger: true }))) return;
    if (told(await remove.send({ input: { id: campaign.id } }))) void navigate('/campaigns');
  };

  const back = { to: '/campaigns', label: t('nav.campaigns') };
  const title = campaign?.name ?? t('campaign.add');
  if (!data) {
    return (
      <Page title={title} back={back}>
        {error ? <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} /> : <Loading />}
      </Page>
    );
  }
  return (
    <Page
      title={title}
      back={back}
      actions={
        campaign && (
          <Button variant="default" onClick={() => void drop()}>
            {t('action.delete')}
          </Button>
        )
      }
    >
      {!configured[form.values.channel] && (sms ? <NoSms /> : <NoMailServer>{t('campaign.noMailServer')}</NoMailServer>)}
      <div className={css.halves}>
        <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
          <Refused texts={rest} />
          <Sheet title={t('campaign.about')}>
            <Stack>
              <TextInput label={t('campaign.name')} description={t('campaign.nameHelp')} required {...form.getInputProps('name')} />
              <div>
                <div className={css.label} id="channel">
                  {t('campaign.channelName')}
                </div>
                <SegmentedControl
                  aria-labelledby="channel"
                  value={form.values.channel}
                  onChange={(one) => form.setFieldValue('channel', one as MessageChannel)}
                  data={channels.map((one) => ({ value: one, label: t(`campaign.channel.${one}`) }))}
                />
              </div>
              <Select
                label={t('campaign.purpose')}
                description={t(form.values.purposeId === service ? 'campaign.serviceHelp' : `campaign.purposeHelp.${form.values.channel}`)}
                required
                allowDeselect={false}
                placeholder={t('campaign.choose')}
                data={[...data.consentPurposes.map((purpose) => ({ value: purpose.id, label: purposeName(purpose, locale.language) })), { value: service, label: t('campaign.service') }]}
                {...form.getInputProps('purposeId')}
                value={form.values.purposeId || null}
              />
              <div>
                <div className={css.label} id="aim">
                  {t('campaign.to')}
                </div>
                <SegmentedControl
                  aria-labelledby="aim"
                  value={form.values.aim}
                  onChange={(aim) => form.setFieldValue('aim', aim as Aim)}
                  data={(['segment', 'organization', ...(campaign?.target.contactIds ? ['contacts' as const] : [])] as Aim[]).map((aim) => ({ value: aim, label: t(`campaign.aim.${aim}`) }))}
                />
              </div>
              {form.values.aim === 'segment' && (
                <Select
                  label={t('campaign.segment')}
                  required
                  searchable
                  allowDeselect={false}
                  placeholder={t('campaign.choose')}
                  nothingFoundMessage={t('webhook.noSegment')}
                  data={data.segments.map(({ id, name }) => ({ value: id, label: name }))}
                  {...form.getInputProps('segmentId')}
                  value={form.values.segmentId || null}
                />
              )}
              {form.values.aim === 'organization' && (
                <ContactPicker label={t('campaign.organization')} kind="ORGANIZATION" value={form.values.organizationId} error={form.errors['organizationId'] as string | undefined} onChange={(id) => form.setFieldValue('organizationId', id)} />
              )}
              {form.values.aim === 'contacts' && <p className="dim">{t('campaign.picked', { n: campaign?.target.contactIds?.length ?? 0 })}</p>}
            </Stack>
          </Sheet>
          <Sheet title={t('campaign.text')} lead={t('campaign.textHelp')}>
            <Stack>
              <SegmentedControl
                aria-label={t('campaign.language')}
                value={language}
                onChange={(one) => setLanguage(one as Language)}
                data={languages.map((one) => ({ value: one, label: languageNames[one] }))}
              />
              {!sms && <TextInput key={`${language}.subject`} label={t('campaign.subject')} {...form.getInputProps(`texts.${language}.subject`)} />}
              <Textarea
                key={`${language}.body`}
                label={t('campaign.body')}
                description={t(`campaign.bodyHelp.${form.values.channel}`)}
                autosize
                minRows={sms ? 4 : 10}
                maxRows={30}
                {...form.getInputProps(`texts.${language}.body`)}
              />
              {sms && <SmsCount text={form.values.texts[language].body} />}
              <p className={css.fields}>{t('campaign.fields', { fields: '{{first_name|…}} {{last_name}} {{name}} {{title}} {{company}} {{city}} {{number}} {{site}} {{field.…}}' })}</p>
            </Stack>
          </Sheet>
          <div className={css.save}>
            <Button type="submit" loading={save.busy} variant={campaign && !form.isDirty() ? 'default' : 'filled'}>
              {campaign ? t('action.save') : t('campaign.saveNew')}
            </Button>
          </div>
        </form>
        {campaign && <CampaignLook campaign={campaign} language={language} dirty={form.isDirty()} configured={configured[campaign.channel]} onChange={onChange} />}
      </div>
    </Page>
  );
}
