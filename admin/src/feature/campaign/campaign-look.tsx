import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { ContactPicker } from '@/feature/contact/contact-picker';
import { CampaignPreviewDocument, SendCampaignDocument, TryCampaignDocument, type CampaignFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { Plain, SmsRoomText } from './sms-count';
import css from './campaign.module.css';

interface Props {
  campaign: CampaignFullFragment;
  language: string;
  /** Whether there are changes that are not saved, which neither the preview nor the sending knows. */
  dirty: boolean;
  /** Whether the site can send by the campaign's channel. */
  configured: boolean;
  onChange: (campaign: CampaignFullFragment) => void;
}

/** What a saved draft looks like to somebody, whom it would reach, and the buttons that send it. */
export function CampaignLook({ campaign, language, dirty, configured, onChange }: Props) {
  const { t, format } = useLocale();
  const confirm = useConfirm();
  const told = useTellErrors();
  const send = useSend(SendCampaignDocument);
  const trial = useSend(TryCampaignDocument);
  const [as, setAs] = useState('');
  const [later, setLater] = useState('');
  const has = campaign.texts.some((text) => text.language === language);
  const [{ data, error }, reload] = useQuery({
    query: CampaignPreviewDocument,
    variables: { id: campaign.id, contactId: as || null, language: as || !has ? null : language, version: campaign.version },
    requestPolicy: 'network-only',
  });
  // The version is for the browser: another text is another page.
  const look = new URLSearchParams({ v: String(campaign.version), ...(as ? { contact: as } : has && { language }) });
  const preview = data?.campaign.preview;
  const audience = data?.campaign.audience;

  const start = async () => {
    if (!audience) return;
    const at = later ? new Date(later) : null;
    const yes = await confirm({
      title: t('campaign.sendTitle'),
      text: at ? t('campaign.sendLater', { n: format.number(audience.reached), when: format.moment(at.toISOString()) }) : t('campaign.sendText', { n: format.number(audience.reached) }),
      yes: at ? t('campaign.plan') : t('campaign.send'),
    });
    if (!yes) return;
    const payload = await send.send({ input: { id: campaign.id, version: campaign.version, at: at?.toISOString() ?? null } });
    if (told(payload) && payload?.campaign) onChange(payload.campaign);
  };
  const tryIt = async () => {
    if (told(await trial.send({ input: { id: campaign.id, contactId: as || null, language: as || !has ? null : language } }))) confirmDone(t('campaign.tried'));
  };

  return (
    <div>
      <Sheet title={t('campaign.preview')}>
        <ContactPicker label={t('campaign.previewAs')} kind={null} required={false} value={as} onChange={setAs} />
        {error && !preview ? (
          <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
        ) : !preview ? (
          <Loading lines={4} />
        ) : (
          <>
            {preview.subject && <p className={css.subject}>{preview.subject}</p>}
            {campaign.channel !== 'EMAIL' && <Plain text={preview.text} />}
            {preview.length && <SmsRoomText room={preview.length} />}
            {campaign.channel === 'EMAIL' && <iframe className={css.mail} title={t('campaign.preview')} sandbox="allow-popups allow-popups-to-escape-sandbox" src={`/v1/campaigns/${campaign.id}/preview?${look}`} />}
          </>
        )}
        <Button variant="default" mt="sm" loading={trial.busy} disabled={dirty} onClick={() => void tryIt()}>
          {t('campaign.try')}
        </Button>
      </Sheet>
      <Sheet title={t('campaign.audience')} lead={t('campaign.audienceHelp')}>
        {audience && (
          <dl className={css.audience}>
            <dt>{t('campaign.reached')}</dt>
            <dd className={css.reached}>{format.number(audience.reached)}</dd>
            {audience.leftOut.map(({ reason, count }) => (
              <div key={reason} className={css.left}>
                <dt>{t(`campaign.reason.${reason}`)}</dt>
                <dd>{format.number(count)}</dd>
              </div>
            ))}
          </dl>
        )}
        <TextInput type="datetime-local" label={t('campaign.later')} description={t('campaign.laterHelp')} value={later} onChange={(event) => setLater(event.currentTarget.value)} />
        {dirty && <p className="dim">{t('campaign.saveFirst')}</p>}
        <Button mt="md" loading={send.busy} disabled={dirty || !configured || !audience || audience.reached === 0} onClick={() => void start()}>
          {later ? t('campaign.plan') : t('campaign.send')}
        </Button>
      </Sheet>
    </div>
  );
}
