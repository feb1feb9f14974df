import type { CampaignStatus, MessageChannel, RecipientReason, RecipientState } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Tag, type Tone } from '@/part/tag';
import css from './campaign.module.css';

const tones: Record<CampaignStatus, Tone> = { DRAFT: 'plain', QUEUED: 'info', SENDING: 'info', PAUSED: 'warn', DONE: 'accent', CANCELLED: 'danger' };

/** The ways to reach people. */
export const channels: MessageChannel[] = ['EMAIL', 'SMS', 'INTERNAL'];

/** How far a campaign is. */
export function CampaignState({ status }: { status: CampaignStatus }) {
  const { t } = useLocale();
  return <Tag tone={tones[status]}>{t(`campaign.status.${status}`)}</Tag>;
}

const recipientTones: Record<RecipientState, Tone> = { SENT: 'accent', DELIVERED: 'accent', LEFT_OUT: 'plain', FAILED: 'danger', UNCERTAIN: 'warn', PENDING: 'plain', SENDING: 'info' };

interface Became {
  state: RecipientState;
  reason: RecipientReason | null;
  problem: string;
  softBounces: number;
  complainedAt: string | null;
  openedAt: string | null;
  clickedAt: string | null;
}

/** How far a campaign is with one person, why, what came back since, and what was seen of them where they agreed to it. */
export function RecipientTag({ recipient: { state, reason, problem, softBounces, complainedAt, openedAt, clickedAt } }: { recipient: Became }) {
  const { t, tn, format } = useLocale();
  return (
    <>
      <Tag tone={recipientTones[state]}>{t(`campaign.recipient.${state}`)}</Tag> {reason && <span className="dim">{t(`campaign.reason.${reason}`)}</span>}
      {complainedAt && (
        <div>
          <Tag tone="danger">{t('campaign.complained')}</Tag> <span className="dim">{t('campaign.complainedAt', { when: format.moment(complainedAt) })}</span>
        </div>
      )}
      {softBounces > 0 && <div className="dim">{tn('campaign.softBounces', softBounces)}</div>}
      {(clickedAt ?? openedAt) && (
        <div className="dim">{clickedAt ? t('campaign.clickedAt', { when: format.moment(clickedAt) }) : t('campaign.openedAt', { when: format.moment(openedAt ?? '') })}</div>
      )}
      {problem && <div className={css.problem}>{problem}</div>}
    </>
  );
}
