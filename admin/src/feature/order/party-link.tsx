import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import type { ContactNameFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';

/** A contact by name, with the way to its page; or that there is none any more. */
export function PartyLink({ contact }: { contact: ContactNameFragment | null }) {
  const { t } = useLocale();
  if (!contact) return <span className="dim">{t('order.gone')}</span>;
  return (
    <Anchor component={Link} to={`/contacts/${contact.id}`} inherit underline="always">
      {contact.displayName}
    </Anchor>
  );
}
