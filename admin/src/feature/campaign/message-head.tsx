import type { HeadFragment, MessageChannel } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import css from './campaign.module.css';

interface Props {
  channel: MessageChannel;
  message: HeadFragment;
  /** Who had it sent, of what is sent into inboxes and was; else the reader would. */
  by?: string;
}

/** Who a message is from and what it is about, as the program shows it that one reads it with. */
export function MessageHead({ channel, message: { sender, subject }, by }: Props) {
  const { t } = useLocale();
  const name = channel === 'INTERNAL' && by ? by : sender?.name;
  return (
    <dl className={css.head}>
      <dt>{t('campaign.from')}</dt>
      <dd>
        {!sender ? (
          <span className="dim">{t('campaign.fromNobody')}</span>
        ) : sender.service ? (
          t('campaign.fromService', { id: sender.address })
        ) : (
          <>
            {name} {sender.address && (name ? <span className="dim">&lt;{sender.address}&gt;</span> : sender.address)}
          </>
        )}
      </dd>
      {subject && (
        <>
          <dt>{t('campaign.subject')}</dt>
          <dd className={css.about}>{subject}</dd>
        </>
      )}
    </dl>
  );
}
