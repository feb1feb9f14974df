import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useSend, useTellErrors } from '@/api/send';
import { SendCampaignDocument, type CampaignFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { Sheet } from '@/part/page';
import { Reach, useAudience } from './audience';
import { smsRoom } from './sms-length';
import css from './campaign.module.css';

interface Props {
  campaign: CampaignFullFragment;
  /** Whether there are changes that are not saved, which the sending does not know. */
  dirty: boolean;
  /** Whether the site can send by the campaign's channel. */
  configured: boolean;
  onChange: (campaign: CampaignFullFragment) => void;
}

/** Whom a saved draft would reach, and the button that sends it. */
export function CampaignLook({ campaign, dirty, configured, onChange }: Props) {
  const { t, tn, format } = useLocale();
  const confirm = useConfirm();
  const told = useTellErrors();
  const send = useSend(SendCampaignDocument);
  const [later, setLater] = useState('');
  const [passed, setPassed] = useState(false);
  const found = useAudience(campaign);
  const reached = found.audience?.reached ?? 0;

  // A provider charges by the part; whose text is the longest is not known before it is filled in.
  const parts = Math.max(...campaign.texts.map(({ body }) => smsRoom(body).parts));
  const cost = campaign.channel === 'SMS' && reached > 0 ? t('campaign.sms.cost', { n: reached * parts, each: parts }) : '';

  const start = async () => {
    const at = later ? new Date(later) : null;
    setPassed(at !== null && at.getTime() < Date.now());
    if (at && at.getTime() < Date.now()) return;
    const way = t(`campaign.way.${campaign.channel}`);
    const yes = await confirm({
      title: t('campaign.sendTitle'),
      text: (
        <div className={css.told}>
          <p>{at ? tn('campaign.sendLater', reached, { way, when: format.moment(at.toISOString()) }) : tn('campaign.sendText', reached, { way })}</p>
          <p>{t('campaign.writtenIn', { languages: campaign.texts.map(({ language }) => format.language(language)).join(', ') })}</p>
          {cost && <p>{cost}</p>}
          {!at && <p>{t('campaign.sendFinal')}</p>}
        </div>
      ),
      yes: at ? t('campaign.plan') : t('campaign.send'),
    });
    if (!yes) return;
    const payload = await send.send({ input: { id: campaign.id, version: campaign.version, at: at?.toISOString() ?? null } });
    if (told(payload) && payload?.campaign) onChange(payload.campaign);
  };

  return (
    <Sheet title={t('campaign.audience')} lead={t('campaign.audienceHelp')}>
      <Reach found={found} />
      {cost && <p className="dim">{cost}</p>}
      <TextInput
        type="datetime-local"
        label={t('campaign.later')}
        description={t('campaign.laterHelp')}
        value={later}
        error={passed && t('campaign.laterPast')}
        onChange={(event) => {
          setLater(event.currentTarget.value);
          setPassed(false);
        }}
      />
      {dirty && <p className="dim">{t('campaign.saveFirst')}</p>}
      <Button mt="md" loading={send.busy} disabled={dirty || !configured || reached === 0} onClick={() => void start()}>
        {later ? t('campaign.plan') : t('campaign.send')}
      </Button>
    </Sheet>
  );
}
