import { Alert, Button, Group, Modal } from '@mantine/core';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useSend, useTellErrors } from '@/api/send';
import { GenerateAccountPasswordDocument, type ContactFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { CopyBlock } from '@/part/copy';
import { Stack } from '@/part/form';

interface Props {
  contact: ContactFullFragment;
  opened: boolean;
  onClose: () => void;
  onDone: () => void;
}

/** Asks, then shows a generated password, which nobody sees again (S-40, S-89). */
export function PasswordDialog({ contact, opened, onClose, onDone }: Props) {
  const { t } = useLocale();
  const { send, busy } = useSend(GenerateAccountPasswordDocument);
  const ok = useTellErrors();
  const [password, setPassword] = useState('');
  const generate = async () => {
    const payload = await send({ input: { contactId: contact.id } });
    if (!ok(payload)) return;
    setPassword(payload?.password ?? '');
    onDone();
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={() => setPassword('')}
      closeOnClickOutside={!password}
      title={t('account.generate.title', { name: contact.displayName })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {password ? (
        <Stack>
          <Alert color="pine" icon={<KeyRound size={16} aria-hidden />} role="status">
            {t('account.generate.once')}
          </Alert>
          <CopyBlock label={t('account.password')} text={password} />
          <Button onClick={onClose}>{t('account.generate.kept')}</Button>
        </Stack>
      ) : (
        <>
          <div className="dim">{t('account.generate.text')}</div>
          <Group justify="flex-end" mt="lg" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button loading={busy} onClick={() => void generate()} data-autofocus>
              {t('account.generate.yes')}
            </Button>
          </Group>
        </>
      )}
    </Modal>
  );
}
