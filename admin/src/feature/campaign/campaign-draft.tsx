import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useEffect, useMemo, useState } from 'react';
import { useLocation, useNavigate, useSearchParams } from 'react-router';
import { useClient, useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { ContactPicker } from '@/feature/contact/contact-picker';
import { purposeName } from '@/feature/contact/purpose';
import { NoMailServer } from '@/feature/mail/no-mail-server';
import {
  CampaignChoicesDocument, ContactNameByIdDocument, DeleteCampaignDocument, SaveCampaignDocument, TemplateDocument, TryCampaignDocument, type CampaignFullFragment, type CampaignTargetInput, type MessageChannel,
} from '@/gql/graphql';
import { languages, type Language } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { Refused, Stack } from '@/part/form';
import { Page, Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { usePhone } from '@/theme/screen';
import { CampaignLook } from './campaign-look';
import { KeepButton } from './keep-dialog';
import type { Meant } from './message-button';
import { MessageLook } from './message-look';
import { NoSms } from './sms-count';
import { firstRefused, textsInput, textsOf, written, type Texts } from './texts';
import { TextsSheet } from './texts-sheet';
import { channels } from './words';
import css from './campaign.module.css';

interface Props {
  /** Null: a new one. */
  campaign: CampaignFullFragment | null;
  /** What a new one begins like. */
  like: CampaignFullFragment | null;
  /** By which channels the site can send. */
  configured: Record<MessageChannel, boolean>;
  onChange: (campaign: CampaignFullFragment) => void;
}

type Aim = 'segment' | 'organization' | 'contacts' | 'matched';

interface Values {
  name: string;
  channel: MessageChannel;
  purposeId: string;
  aim: Aim;
  segmentId: string;
  organizationId: string;
  offerId: string;
  texts: Texts;
}

const service = 'service'; // a contract's matter: no purpose

/** Whom a campaign is for: as the draft has it, else as the page says that asked for one. */
function aimOf(target: CampaignTargetInput): Aim {
  if (target.organizationId) return 'organization';
  if (target.contactIds) return 'contacts';
  return target.matching || target.kept ? 'matched' : 'segment';
}

function targetOf(campaign: CampaignFullFragment | null, like: CampaignFullFragment | null, meant: Meant | null): CampaignTargetInput {
  const from = campaign ?? like;
  if (!from) return meant?.target ?? {};
  const { segmentId, contactIds, organizationId, matched } = from.target;
  if (matched === null) return { segmentId, contactIds, organizationId };
  return campaign ? { kept: true } : {}; // whom a search found is kept with that one alone
}

function valuesOf(campaign: CampaignFullFragment | null, target: CampaignTargetInput): Values {
  return {
    name: campaign?.name ?? '',
    channel: campaign?.channel ?? 'EMAIL',
    purposeId: campaign ? (campaign.purpose?.id ?? service) : '',
    aim: aimOf(target),
    segmentId: target.segmentId ?? '',
    organizationId: target.organizationId ?? '',
    offerId: campaign?.offer?.id ?? '',
    texts: textsOf(campaign?.texts ?? []),
  };
}

/** Writes a campaign: to whom, why, and what it says in each language. */
export function CampaignDraft({ campaign, like, configured, onChange }: Props) {
  const locale = useLocale();
  const { t, tn, format } = locale;
  const navigate = useNavigate();
  const phone = usePhone();
  const meant = useLocation().state as Meant | null;
  const confirm = useConfirm();
  const told = useTellErrors();
  const [{ data, error }, reload] = useQuery({ query: CampaignChoicesDocument, requestPolicy: 'cache-and-network' });
  const save = useSend(SaveCampaignDocument);
  const remove = useSend(DeleteCampaignDocument);
  const [rest, setRest] = useState<string[]>([]);
  const [language, setLanguage] = useState<Language>(() => languages.find((one) => (campaign ?? like)?.texts.some((text) => text.language === one)) ?? locale.language);
  const given = targetOf(campaign, like, meant);
  const [{ data: named }] = useQuery({ query: ContactNameByIdDocument, variables: { id: given.organizationId ?? '' }, pause: !given.organizationId });
  const organization = useMemo(() => (named?.contact ? { id: named.contact.id, name: named.contact.displayName } : null), [named]);
  const form = useForm<Values>({ initialValues: valuesOf(campaign ?? like, given) });
  const { texts: typed, channel } = form.values;
  const [as, setAs] = useState('');
  const trial = useSend(TryCampaignDocument);
  const takeTemplate = useTemplate((texts) => {
    form.setFieldValue('texts', texts);
    setLanguage((now) => (written(texts).includes(now) ? now : (written(texts)[0] ?? now)));
  });

  const tryIt = async () => {
    if (!campaign) return;
    const has = campaign.texts.some((text) => text.language === language);
    if (told(await trial.send({ input: { id: campaign.id, contactId: as || null, language: as || !has ? null : language } }))) confirmDone(t('campaign.tried'));
  };

  const submit = async (values: Values) => {
    const texts = textsInput(values.texts, values.channel);
    const target: CampaignTargetInput =
      values.aim === 'segment' ? { segmentId: values.segmentId || null } : values.aim === 'organization' ? { organizationId: values.organizationId || null } : given;
    const payload = await save.send({
      input: {
        ...(campaign && { id: campaign.id, version: campaign.version }),
        name: values.name, channel: values.channel, purposeId: values.purposeId === service ? null : values.purposeId || null, offerId: values.offerId || null, texts, target,
      },
    });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, { ...values, target });
    const { 'target.segmentId': segmentId, 'target.organizationId': organizationId, target: aim, ...fields } = refusal.fields;
    form.setErrors({ ...fields, ...((segmentId ?? (values.aim === 'segment' && aim)) && { segmentId: segmentId ?? aim }), ...((organizationId ?? (values.aim === 'organization' && aim)) && { organizationId: organizationId ?? aim }) });
    const unplaced = Object.entries(fields).filter(([path]) => path === 'texts' || path === 'templateId' || path.startsWith('target.'));
    const picked = values.aim === 'contacts' || values.aim === 'matched';
    setRest([...refusal.rest, ...(picked && aim ? [aim] : []), ...unplaced.map(([, text]) => text)]);
    const wrong = firstRefused(fields);
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
        <>
          {written(typed).length > 0 && <KeepButton name={form.values.name} texts={typed} />}
          {campaign && (
            <Button variant="default" onClick={() => void drop()}>
              {t('action.delete')}
            </Button>
          )}
        </>
      }
    >
      {!configured[channel] && (channel === 'SMS' ? <NoSms /> : <NoMailServer>{t('campaign.noMailServer')}</NoMailServer>)}
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
                  {...(phone && { orientation: 'vertical', fullWidth: true })}
                  value={form.values.aim}
                  onChange={(aim) => form.setFieldValue('aim', aim as Aim)}
                  data={(['segment', 'organization', ...(aimOf(given) === 'contacts' || aimOf(given) === 'matched' ? [aimOf(given)] : [])] as Aim[]).map((aim) => ({ value: aim, label: t(`campaign.aim.${aim}`) }))}
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
                <ContactPicker label={t('campaign.organization')} kind="ORGANIZATION" chosen={organization} value={form.values.organizationId} error={form.errors['organizationId'] as string | undefined} onChange={(id) => form.setFieldValue('organizationId', id)} />
              )}
              {form.values.aim === 'contacts' && <p className={css.fields}>{tn('campaign.picked', given.contactIds?.length ?? 0)}</p>}
              {form.values.aim === 'matched' && <p className={css.fields}>{t(campaign ? 'campaign.matched' : 'campaign.matching', { n: format.number(campaign?.target.matched ?? meant?.count ?? 0) })}</p>}
            </Stack>
          </Sheet>
          <TextsSheet channel={channel} texts={typed} language={language} onLanguage={setLanguage} inputProps={form.getInputProps} onText={form.setFieldValue} offer={form.values.offerId !== ''}>
            {data.campaignTemplates.nodes.length > 0 && (
              <Select
                label={t('template.take')}
                description={t('template.takeHelp')}
                placeholder={t('campaign.choose')}
                searchable
                data={data.campaignTemplates.nodes.map(({ id, name }) => ({ value: id, label: name }))}
                value={null}
                onChange={(id) => id && void takeTemplate(id, written(typed).length > 0)}
              />
            )}
            {data.offers.length > 0 && (
              <Select
                label={t('campaign.offer')}
                description={t('campaign.offerHelp')}
                placeholder={t('campaign.noOffer')}
                clearable
                searchable
                data={data.offers.map(({ id, name, type }) => ({ value: id, label: `${name} (${type})` }))}
                {...form.getInputProps('offerId')}
                value={form.values.offerId || null}
                onChange={(id) => form.setFieldValue('offerId', id ?? '')}
              />
            )}
          </TextsSheet>
          <div className={css.save}>
            <Button type="submit" loading={save.busy} variant={campaign && !form.isDirty() ? 'default' : 'filled'}>
              {campaign ? t('action.save') : t('campaign.saveNew')}
            </Button>
          </div>
        </form>
        <div>
          <MessageLook
            channel={channel}
            texts={typed}
            language={language}
            purposeId={form.values.purposeId === service ? null : form.values.purposeId || null}
            offerId={form.values.offerId || null}
            as={as}
            onAs={setAs}
          >
            {campaign && (
              <Button variant="default" mt="sm" loading={trial.busy} disabled={form.isDirty()} onClick={() => void tryIt()}>
                {t('campaign.try')}
              </Button>
            )}
          </MessageLook>
          {campaign && <CampaignLook campaign={campaign} dirty={form.isDirty()} configured={configured[campaign.channel]} onChange={onChange} />}
        </div>
      </div>
    </Page>
  );
}

/** Copies a template's texts: the one that the address names at once, another when it is asked for. */
function useTemplate(take: (texts: Texts) => void) {
  const { t } = useLocale();
  const client = useClient();
  const confirm = useConfirm();
  const [params] = useSearchParams();
  const named = params.get('template');
  const read = async (id: string, over: boolean) => {
    if (over && !(await confirm({ title: t('template.overTitle'), text: t('template.overText'), yes: t('template.over') }))) return;
    const { data } = await client.query(TemplateDocument, { id }, { requestPolicy: 'network-only' });
    if (data) take(textsOf(data.campaignTemplate.texts));
  };
  useEffect(() => {
    if (named) void read(named, false);
    // Only another address names another template.
  }, [named]);
  return read;
}
