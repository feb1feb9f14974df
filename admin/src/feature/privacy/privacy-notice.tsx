import { Anchor } from '@mantine/core';
import { ShieldAlert, UserRoundX } from 'lucide-react';
import { useEffect } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { useSession } from '@/feature/session/session';
import { ContactPrivacyRequestDocument, type ContactFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import css from './privacy.module.css';

interface Props {
  contact: ContactFullFragment;
  /** Counts the contact's changes: a request is among them. */
  changes: number;
}

/** Says on a contact's page that the person asks to be erased, and until when they must have an answer. */
export function PrivacyNotice({ contact, changes }: Props) {
  const { t, format } = useLocale();
  const { can } = useSession();
  const [{ data }, refetch] = useQuery({ query: ContactPrivacyRequestDocument, variables: { id: contact.id } });
  useEffect(() => {
    if (changes > 0) refetch({ requestPolicy: 'network-only' });
  }, [changes, refetch]);
  const erasedAt = data?.contact?.id === contact.id ? data.contact.erasedAt : null;
  if (erasedAt) {
    return (
      <p className={css.notice} role="note">
        <UserRoundX size={16} aria-hidden />
        <span>{t('privacy.erasedNotice', { day: format.day(erasedAt) })}</span>
      </p>
    );
  }
  const request = data?.contact?.__typename === 'Person' && data.contact.id === contact.id ? data.contact.privacyRequest : null;
  if (!request) return null;
  return (
    <p className={css.notice} role="note">
      <ShieldAlert size={16} aria-hidden />
      <span>
        {t('privacy.notice', { asked: format.day(request.askedAt), due: format.day(request.dueAt) })}{' '}
        {can('MANAGER') && (
          <Anchor component={Link} to="/privacy">
            {t('privacy.toAnswer')}
          </Anchor>
        )}
      </span>
    </p>
  );
}
