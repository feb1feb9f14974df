import { Button, Group } from '@mantine/core';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { KeyRound, LifeBuoy, LogOut, Mail, ShieldOff, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import {
  CloseAccountDocument,
  CreateAccountDocument,
  DisableAccountDocument,
  EnableAccountDocument,
  SendPasswordResetDocument,
  SignOutAccountDocument,
  type AccountFullFragment,
  type ContactFullFragment,
  type MendFragment,
} from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { PasswordDialog } from './password-dialog';
import { SupportDialog } from './support-dialog';

type Change = 'create' | 'reset' | 'signOut' | 'disable' | 'enable' | 'close';
type Document = TypedDocumentNode<Record<string, { errors: MendFragment[] }>, { input: { contactId: string } }>;

/** Asks, does one thing to a contact's account, and tells that it was done. */
function useChange(document: Document, what: Change, contact: ContactFullFragment, onDone: () => void) {
  const { t } = useLocale();
  const confirm = useConfirm();
  const { send, busy } = useSend(document);
  const ok = useTellErrors();
  const run = async () => {
    const values = { name: contact.displayName };
    const sure = await confirm({ title: t(`account.${what}.title`, values), text: t(`account.${what}.text`), yes: t(`account.${what}.yes`), danger: what === 'disable' || what === 'close' });
    if (!sure || !ok(await send({ input: { contactId: contact.id } }))) return;
    confirmDone(t(`account.${what}.done`));
    onDone();
  };
  return { run: () => void run(), busy };
}

interface Props {
  contact: ContactFullFragment;
  account: AccountFullFragment;
  onDone: () => void;
}

/** What staff may do of an account, by their role. Who is in the trash is only shut out. */
export function AccountActions({ contact, account, onDone }: Props) {
  const { t } = useLocale();
  const { can } = useSession();
  const [open, setOpen] = useState<'password' | 'support' | null>(null);
  const reset = useChange(SendPasswordResetDocument, 'reset', contact, onDone);
  const signOut = useChange(SignOutAccountDocument, 'signOut', contact, onDone);
  const disable = useChange(DisableAccountDocument, 'disable', contact, onDone);
  const enable = useChange(EnableAccountDocument, 'enable', contact, onDone);
  const close = useChange(CloseAccountDocument, 'close', contact, onDone);
  if (!can('SUPPORT')) return null;
  const lets = contact.deletedAt === null && account.disabledAt === null;
  return (
    <>
      <Group gap="xs" mt="md">
        {lets && (
          <Button variant="default" leftSection={<LifeBuoy size={15} aria-hidden />} onClick={() => setOpen('support')}>
            {t('account.support.open')}
          </Button>
        )}
        {lets && (
          <Button variant="default" leftSection={<Mail size={15} aria-hidden />} loading={reset.busy} onClick={reset.run}>
            {t('account.reset.yes')}
          </Button>
        )}
        {contact.deletedAt === null && can('OPERATOR') && (
          <Button variant="default" leftSection={<KeyRound size={15} aria-hidden />} onClick={() => setOpen('password')}>
            {t('account.generate.open')}
          </Button>
        )}
        <Button variant="default" leftSection={<LogOut size={15} aria-hidden />} loading={signOut.busy} onClick={signOut.run}>
          {t('account.signOut.yes')}
        </Button>
        {can('OPERATOR') && account.disabledAt === null && (
          <Button variant="default" leftSection={<ShieldOff size={15} aria-hidden />} loading={disable.busy} onClick={disable.run}>
            {t('account.disable.yes')}
          </Button>
        )}
        {can('OPERATOR') && account.disabledAt !== null && contact.deletedAt === null && (
          <Button variant="default" loading={enable.busy} onClick={enable.run}>
            {t('account.enable.yes')}
          </Button>
        )}
        {can('OPERATOR') && (
          <Button variant="subtle" color="red" loading={close.busy} onClick={close.run}>
            {t('account.close.yes')}
          </Button>
        )}
      </Group>
      <PasswordDialog contact={contact} opened={open === 'password'} onClose={() => setOpen(null)} onDone={onDone} />
      <SupportDialog contact={contact} opened={open === 'support'} onClose={() => setOpen(null)} />
    </>
  );
}

/** A contact without an account, which is as usable without (P-30). */
export function CreateAccount({ contact, onDone }: { contact: ContactFullFragment; onDone: () => void }) {
  const { t } = useLocale();
  const { can } = useSession();
  const { run, busy } = useChange(CreateAccountDocument, 'create', contact, onDone);
  return (
    <>
      <p className="dim" style={{ margin: 0 }}>
        {t('account.none')} {!contact.email && t('account.needsEmail')}
      </p>
      {can('OPERATOR') && contact.email && contact.deletedAt === null && (
        <Button variant="default" mt="md" leftSection={<UserPlus size={15} aria-hidden />} loading={busy} onClick={run}>
          {t('account.create.yes')}
        </Button>
      )}
    </>
  );
}
