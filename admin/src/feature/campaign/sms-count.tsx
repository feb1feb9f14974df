import { Alert, Anchor } from '@mantine/core';
import { CircleAlert } from 'lucide-react';
import { Link } from 'react-router';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { smsRoom, type SmsRoom } from './sms-length';
import css from './campaign.module.css';

/** How many parts a text message has, in words. */
export function SmsRoomText({ room }: { room: SmsRoom }) {
  const { t, tn, format } = useLocale();
  return (
    <p className={css.fields}>
      {t('campaign.sms.units', { n: format.number(room.units) })} · {tn('campaign.sms.parts', room.parts)} · {t(`campaign.sms.encoding.${room.encoding}`)}
    </p>
  );
}

/** Counts a text message while it is written. Values may make it longer. */
export function SmsCount({ text }: { text: string }) {
  return (
    <div role="status">
      <SmsRoomText room={smsRoom(text)} />
    </div>
  );
}

/** A message of plain text, as it arrives. */
export function Plain({ text }: { text: string }) {
  return <div className={css.plain}>{text}</div>;
}

/** Says that the site cannot send text messages, and where that is set up. */
export function NoSms() {
  const { t } = useLocale();
  const { can } = useSession();
  return (
    <Alert color="yellow" mb="md" icon={<CircleAlert size={18} aria-hidden />}>
      {t('campaign.sms.none')}{' '}
      {can('MANAGER') && (
        <Anchor component={Link} to="/settings/sms">
          {t('campaign.sms.setUp')}
        </Anchor>
      )}
    </Alert>
  );
}
