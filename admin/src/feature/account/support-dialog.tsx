import { Alert, Anchor, Button, Group, Modal, Select } from '@mantine/core';
import { ExternalLink, LifeBuoy } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { StartSupportSessionDocument, SupportPagesDocument, type ContactFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Stack } from '@/part/form';

interface Props {
  contact: ContactFullFragment;
  opened: boolean;
  onClose: () => void;
}

/** Explains, then gives the link that opens a page of the site in the customer's account, once (S-14). */
export function SupportDialog({ contact, opened, onClose }: Props) {
  const { t } = useLocale();
  const [{ data }] = useQuery({ query: SupportPagesDocument, pause: !opened });
  const { send, busy } = useSend(StartSupportSessionDocument);
  const ok = useTellErrors();
  const [chosen, setChosen] = useState<string | null>(null);
  const [link, setLink] = useState('');
  const origins = data?.site.origins.map((one) => one.origin) ?? [];
  const origin = chosen ?? origins[0] ?? null;
  const start = async () => {
    const payload = await send({ input: { contactId: contact.id, origin } });
    if (ok(payload)) setLink(payload?.url ?? '');
  };
  return (
    <Modal opened={opened} onClose={onClose} onExitTransitionEnd={() => setLink('')} title={t('account.support.title', { name: contact.displayName })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <Stack>
        <div className="dim">{t('account.support.text')}</div>
        {data && origins.length === 0 && (
          <Alert color="yellow" role="status">
            {t('account.support.noPage')}{' '}
            <Anchor component={Link} to="/settings/origins" underline="always">
              {t('setting.tab.origins')}
            </Anchor>
          </Alert>
        )}
        {!link && origins.length > 1 && <Select label={t('account.support.page')} data={origins} value={origin} onChange={setChosen} allowDeselect={false} />}
        {link && (
          <Alert color="pine" icon={<LifeBuoy size={16} aria-hidden />} role="status">
            {t('account.support.once')}
          </Alert>
        )}
      </Stack>
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose}>
          {t(link ? 'action.close' : 'action.cancel')}
        </Button>
        {link ? (
          <Button component="a" href={link} target="_blank" rel="noreferrer" leftSection={<ExternalLink size={15} aria-hidden />} onClick={onClose}>
            {t('account.support.go')}
          </Button>
        ) : (
          <Button loading={busy} disabled={origins.length === 0} onClick={() => void start()}>
            {t('account.support.yes')}
          </Button>
        )}
      </Group>
    </Modal>
  );
}
