import { Alert, Anchor, Button } from '@mantine/core';
import { MapPin } from 'lucide-react';
import { Link } from 'react-router';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { UpdateContactDocument, type ContactFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';

/** Says whose address a person uses, with a way to stop (S-112). Nothing for whoever has their own. */
export function AddressFollow({ contact, accept }: { contact: ContactFullFragment; accept: (contact: ContactFullFragment) => void }) {
  const { t } = useLocale();
  const { can } = useSession();
  const { send, busy } = useSend(UpdateContactDocument);
  const ok = useTellErrors();
  const from = contact.__typename === 'Person' ? contact.addressOf : null;
  if (!from) return null;
  const stop = async () => {
    const payload = await send({ input: { id: contact.id, addressOf: null } });
    if (ok(payload) && payload?.contact) accept(payload.contact);
  };
  return (
    <Alert color="gray" icon={<MapPin size={18} aria-hidden />} mb="md">
      {t('link.addressOf')}{' '}
      <Anchor component={Link} to={`/contacts/${from.id}`}>
        {from.displayName}
      </Anchor>
      {from.deletedAt && ` (${t('contact.inTrash')})`}{' '}
      {can('OPERATOR') && (
        <Button size="compact-sm" variant="subtle" loading={busy} onClick={() => void stop()}>
          {t('link.stopAddress')}
        </Button>
      )}
    </Alert>
  );
}
