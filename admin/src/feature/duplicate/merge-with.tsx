import { ActionIcon, Button, Group, Menu, Modal } from '@mantine/core';
import { Ellipsis, Merge, ScrollText, UserRoundX } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { ContactPicker } from '@/feature/contact/contact-picker';
import { EraseDialog } from '@/feature/privacy/erase-dialog';
import { DataItems } from '@/feature/privacy/person-data';
import { useSession } from '@/feature/session/session';
import type { ContactFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';

/** What else can be done with a contact. */
export function MoreActions({ contact, onDone }: { contact: ContactFullFragment; onDone: () => void }) {
  const { t } = useLocale();
  const { can } = useSession();
  const [erasing, setErasing] = useState(false);
  const [open, setOpen] = useState(false);
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon variant="default" size={34} aria-label={t('duplicate.more')}>
            <Ellipsis size={17} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Merge size={15} aria-hidden />} onClick={() => setOpen(true)}>
            {t('duplicate.mergeWith')}
          </Menu.Item>
          {can('MANAGER') && (
            <>
              <Menu.Label>{t('privacy.data.label')}</Menu.Label>
              <DataItems id={contact.id} />
              <Menu.Divider />
              <Menu.Item component={Link} to={`/privacy/audit?target=${contact.id}`} leftSection={<ScrollText size={15} aria-hidden />}>
                {t('privacy.audit.of')}
              </Menu.Item>
              <Menu.Item color="red" leftSection={<UserRoundX size={15} aria-hidden />} onClick={() => setErasing(true)}>
                {t('privacy.erase.open')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {erasing && <EraseDialog contact={contact} ground="NEEDLESS" onClose={() => setErasing(false)} onErased={onDone} />}
      <Modal opened={open} onClose={() => setOpen(false)} title={t('duplicate.mergeWithTitle', { name: contact.displayName })} closeButtonProps={{ 'aria-label': t('action.close') }}>
        {open && <Pick contact={contact} onClose={() => setOpen(false)} />}
      </Modal>
    </>
  );
}

function Pick({ contact, onClose }: { contact: ContactFullFragment; onClose: () => void }) {
  const { t } = useLocale();
  const navigate = useNavigate();
  const [other, setOther] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (other) void navigate(`/merge/${contact.id}/${other}`);
      }}
    >
      <ContactPicker label={t('duplicate.other')} kind={contact.kind} except={contact.id} value={other} onChange={setOther} />
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" disabled={!other}>
          {t('duplicate.compare')}
        </Button>
      </Group>
    </form>
  );
}
