import { Anchor } from '@mantine/core';
import { CopyCheck } from 'lucide-react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { useSession } from '@/feature/session/session';
import { PossibleDuplicatesOfDocument, type ContactFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import css from './duplicate.module.css';

/** A quiet line on a contact's page that names those it is probably the same as. */
export function TwinNotice({ contact }: { contact: ContactFullFragment }) {
  const { t } = useLocale();
  const { can } = useSession();
  const [{ data }] = useQuery({ query: PossibleDuplicatesOfDocument, variables: { id: contact.id }, requestPolicy: 'cache-and-network', pause: contact.deletedAt !== null });
  const found = data?.contact?.id === contact.id ? data.contact.possibleDuplicates : [];
  if (found.length === 0 || contact.deletedAt) return null;
  return (
    <p className={css.twins} role="note">
      <CopyCheck size={15} aria-hidden />
      <span>
        {t('duplicate.probably')}{' '}
        {found.map((one, at) => (
          <span key={one.contact.id}>
            {at > 0 && ', '}
            <Anchor component={Link} to={can('OPERATOR') ? `/merge/${contact.id}/${one.contact.id}` : `/contacts/${one.contact.id}`}>
              {one.contact.displayName} [{one.contact.number}]
            </Anchor>
          </span>
        ))}
      </span>
    </p>
  );
}
