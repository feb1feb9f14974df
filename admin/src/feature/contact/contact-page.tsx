import { Button } from '@mantine/core';
import { RotateCcw, ShoppingCart, Trash2, UserX } from 'lucide-react';
import { Link, Navigate, useParams } from 'react-router';
import { MessageButton } from '@/feature/campaign/message-button';
import { MoreActions } from '@/feature/duplicate/merge-with';
import { TwinNotice } from '@/feature/duplicate/twin-notice';
import { ConvertButton } from '@/feature/sale/convert-dialog';
import { PrivacyNotice } from '@/feature/privacy/privacy-notice';
import { useSession } from '@/feature/session/session';
import type { ContactFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Avatar } from '@/part/avatar';
import { Page } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { PageTabs } from '@/part/tabs';
import { Tag } from '@/part/tag';
import { AdministrationTab } from './administration-tab';
import { AdditionalTab } from './additional-tab';
import { ContactTags } from './contact-tags';
import { GeneralTab } from './general-tab';
import { LinksTab } from './links-tab';
import { ManagementTab } from './management-tab';
import { MarketingTab } from './marketing-tab';
import { NotesTab } from './notes-tab';
import { SalesTab } from './sales-tab';
import { useTrash } from './selection-bar';
import { SummaryTab } from './summary-tab';
import { useContact, type LiveContact } from './use-contact';
import css from './contact-page.module.css';

// S-25's, with the links, the histories of sales (S-56) and the site's own questions after General.
const tabs = ['general', 'links', 'sales', 'additional', 'marketing', 'management', 'notes', 'administration'] as const;

/** One contact: who it is at the top, everything about it in tabs. */
export default function ContactPage() {
  const { t } = useLocale();
  const { id = '', tab } = useParams();
  const live = useContact(id);
  const { contact } = live;
  if (tab !== undefined && !tabs.some((name) => name === tab)) return <Navigate to={`/contacts/${id}`} replace />;

  const back = { to: '/contacts', label: t('nav.everyone') };
  if (!contact) {
    return (
      <Page title={t('contact.one')} back={back}>
        {live.error ? (
          <Problem error={live.error} retry={live.reload} />
        ) : live.loading ? (
          <Loading lines={9} />
        ) : (
          <Empty icon={UserX} title={t('contact.gone')}>
            {t('contact.goneText')}
          </Empty>
        )}
      </Page>
    );
  }
  if (contact.id !== id) return <Navigate to={`/contacts/${contact.id}${tab ? `/${tab}` : ''}`} replace />;
  return (
    <Page
      key={id}
      title={contact.displayName}
      back={back}
      heading={<Heading contact={contact} />}
      lead={<Lead contact={contact} />}
      actions={<Actions contact={contact} onDone={live.reload} />}
    >
      <PrivacyNotice contact={contact} changes={live.changes} />
      <TwinNotice contact={contact} />
      <PageTabs
        label={t('contact.tabs')}
        tabs={[
          { to: `/contacts/${id}`, text: t('contact.tab.summary'), end: true },
          ...tabs.map((name) => ({ to: `/contacts/${id}/${name}`, text: t(`contact.tab.${name}`) })),
        ]}
      />
      <Tab tab={tab} live={live} contact={contact} />
    </Page>
  );
}

function Tab({ tab, live, contact }: { tab: string | undefined; live: LiveContact; contact: ContactFullFragment }) {
  switch (tab) {
    case 'general':
      return <GeneralTab contact={contact} accept={live.accept} changes={live.changes} />;
    case 'links':
      return <LinksTab contact={contact} changes={live.changes} />;
    case 'sales':
      return <SalesTab contact={contact} />;
    case 'additional':
      return <AdditionalTab contact={contact} accept={live.accept} />;
    case 'marketing':
      return <MarketingTab contact={contact} accept={live.accept} changes={live.changes} />;
    case 'management':
      return <ManagementTab contact={contact} accept={live.accept} />;
    case 'notes':
      return <NotesTab contact={contact} accept={live.accept} changes={live.changes} />;
    case 'administration':
      return <AdministrationTab contact={contact} accept={live.accept} changes={live.changes} />;
    default:
      return <SummaryTab contact={contact} changes={live.changes} />;
  }
}

/** Title, first name and SURNAME (S-24); what else a contact is called when it has no name. */
function headingOf(contact: ContactFullFragment): string {
  if (contact.__typename !== 'Person') return contact.displayName;
  const { title, firstName, lastName } = contact;
  return [title, firstName, lastName.toLocaleUpperCase()].filter(Boolean).join(' ') || contact.displayName;
}

function Heading({ contact }: { contact: ContactFullFragment }) {
  return (
    <span className={css.heading}>
      <Avatar name={contact.displayName} kind={contact.kind} color={contact.color} size={44} />
      <span className={css.name}>{headingOf(contact)}</span>
    </span>
  );
}

function Lead({ contact }: { contact: ContactFullFragment }) {
  const { t } = useLocale();
  const organizationKind = contact.__typename === 'Organization' ? contact.organizationKind : null;
  const recognised = contact.__typename === 'Organization' ? contact.recognised : null;
  return (
    <span className={css.facts}>
      <span className="num">№ {contact.number}</span>
      <Tag>{organizationKind ? t(`contact.organizationKind.${organizationKind}`) : t(`contact.kind.${contact.kind}`)}</Tag>
      {recognised !== null && <Tag tone={recognised ? 'accent' : 'plain'}>{recognised ? t('contact.recognised') : t('contact.notRecognised')}</Tag>}
      {contact.roles.map((role) => (
        <Tag key={role}>{t(`contact.role.${role}`)}</Tag>
      ))}
      {contact.types.map((type) => (
        <Tag key={type} tone="accent">
          {t(`contact.type.${type}`)}
        </Tag>
      ))}
      {!contact.valid && <Tag tone="danger">{t('contact.invalid')}</Tag>}
      <ContactTags contact={contact} />
    </span>
  );
}

function Actions({ contact, onDone }: { contact: ContactFullFragment; onDone: () => void }) {
  const { t } = useLocale();
  const { can } = useSession();
  const { remove, restore, busy } = useTrash(onDone);
  if (!can('OPERATOR')) return null;
  return contact.deletedAt ? (
    <Button variant="default" loading={busy} leftSection={<RotateCcw size={15} aria-hidden />} onClick={() => void restore([contact.id])}>
      {t('contact.restore')}
    </Button>
  ) : (
    <>
      {contact.valid && (
        <Button component={Link} to={`/sale?buyer=${contact.id}`} variant="default" leftSection={<ShoppingCart size={15} aria-hidden />}>
          {t('sale.forContact')}
        </Button>
      )}
      <Button variant="default" loading={busy} leftSection={<Trash2 size={15} aria-hidden />} onClick={() => void remove([contact.id])}>
        {t('contact.toTrash')}
      </Button>
      <ConvertButton contact={contact} onDone={onDone} />
      {contact.__typename === 'Organization' && <MessageButton scope={{ organizationId: contact.id }} count={null} />}
      <MoreActions contact={contact} />
    </>
  );
}
