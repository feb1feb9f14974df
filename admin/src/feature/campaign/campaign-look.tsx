import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { CampaignAudienceDocument, SendCampaignDocument, type CampaignFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { Sheet } from '@/part/page';
import css from './campaign.module.css';

interface Props {
  campaign: CampaignFullFragment;
  /** Whether there are changes that are not saved, which the sending does not know. */
  dirty: boolean;
  mailConfigured: boolean;
  onChange: (campaign: CampaignFullFragment) => void;
}

/** Whom a saved draft would reach, and the button that sends it. */
export function CampaignLook({ campaign, dirty, mailConfigured, onChange }: Props) {
  const { t, format } = useLocale();
  const confirm = useConfirm();
  const told = useTellErrors();
  const send = useSend(SendCampaignDocument);
  const [later, setLater] = useState('');
  // The version is for the cache: another draft reaches others.
  const [{ data }] = useQuery({ query: CampaignAudienceDocument, variables: { id: campaign.id, version: campaign.version }, requestPolicy: 'network-only' });
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

  return (
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
      <Button mt="md" loading={send.busy} disabled={dirty || !mailConfigured || !audience || audience.reached === 0} onClick={() => void start()}>
        {later ? t('campaign.plan') : t('campaign.send')}
      </Button>
    </Sheet>
  );
}
