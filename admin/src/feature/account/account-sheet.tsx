import { useEffect } from 'react';
import { useQuery } from 'urql';
import { Entries, type Entry } from '@/feature/contact/entries';
import { ContactAccountDocument, type AccountFullFragment, type ContactFullFragment } from '@/gql/graphql';
import { useLocale, type Locale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { AccountActions, CreateAccount } from './account-actions';

interface Props {
  contact: ContactFullFragment;
  /** Counts the contact's changes: those of the account are among them. */
  changes: number;
}

/** A person's login: how they sign in, who changed that last, and what staff may do of it (S-36 to S-40). */
export function AccountSheet({ contact, changes }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const [{ data, error }, refetch] = useQuery({ query: ContactAccountDocument, variables: { id: contact.id } });
  useEffect(() => {
    if (changes > 0) refetch({ requestPolicy: 'network-only' });
  }, [changes, refetch]);
  if (contact.kind !== 'PERSON') return null;
  const read = () => refetch({ requestPolicy: 'network-only' });
  const account = data?.contact?.__typename === 'Person' ? data.contact.account : undefined;
  return (
    <Sheet title={t('account.title')} lead={t('account.lead')} aside={account?.disabledAt ? <Tag tone="danger">{t('account.disabled')}</Tag> : undefined}>
      {error && !data && <Problem error={error} retry={read} />}
      {account === null && <CreateAccount contact={contact} onDone={read} />}
      {account && (
        <>
          <Entries entries={entriesOf(account, locale)} />
          <AccountActions contact={contact} account={account} onDone={read} />
        </>
      )}
    </Sheet>
  );
}

function entriesOf(account: AccountFullFragment, locale: Locale): Entry[] {
  const { t, tn, format } = locale;
  const moment = (at: string) => <time dateTime={at}>{format.moment(at)}</time>;
  return [
    [t('account.login'), account.email],
    [t('account.mailbox'), account.provenAt ? <>{t('account.proven')} · {moment(account.provenAt)}</> : <Tag tone="warn">{t('account.unproven')}</Tag>],
    [t('account.password'), t(account.hasPassword ? 'account.hasPassword' : 'account.noPassword')],
    [t('account.providers'), account.identities.map((one) => one.label).join(', ') || t('account.noProviders')],
    [t('account.passkeys'), account.passkeys.map(({ name, former }) => (former ? t('account.formerPasskey', { name }) : name)).join(', ') || t('account.noPasskeys')],
    [t('account.sessions'), tn('account.devices', account.sessionCount)],
    [t('account.created'), moment(account.createdAt)],
    ...(account.disabledAt ? [[t('account.disabledSince'), moment(account.disabledAt)] satisfies Entry] : []),
    [t('account.lastChange'), account.lastChange ? <LastChange change={account.lastChange} /> : t('account.unknownChange')],
  ];
}

/** When an account was last changed, how, and by whom: its owner, a member of staff, or a channel. */
function LastChange({ change }: { change: NonNullable<AccountFullFragment['lastChange']> }) {
  const { t, known, format } = useLocale();
  const who = change.actorKind === 'ACCOUNT' ? t('account.byOwner') : change.actorName || t('contact.history.nobody');
  return (
    <>
      <time dateTime={change.at}>{format.moment(change.at)}</time>
      {'\n'}
      {who} {known('contact.history.action', change.action) ?? change.action} · {known('contact.history.surface', change.surface) ?? change.surface}
    </>
  );
}
