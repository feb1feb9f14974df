import { ActionIcon, Anchor, Button, Group } from '@mantine/core';
import { Link2, Pencil, Trash2, UserPlus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { ContactLinksDocument, DeleteAffiliationDocument, type ContactFullFragment, type LinkFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { DataTable, type Column } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { LinkDrawer, type LinkTask } from './link-form';
import { linkText, seenFrom } from './link-words';

interface Props {
  contact: ContactFullFragment;
  /** Counts the contact's changes: links are among them. */
  changes: number;
}

/** The people and organizations that a contact is linked with, and as what (P-11, P-12, S-16). */
export function LinksTab({ contact, changes }: Props) {
  const { t } = useLocale();
  const { can } = useSession();
  const [after, setAfter] = useState<string[]>([]);
  const [task, setTask] = useState<LinkTask | null>(null);
  const [{ data, error }, refetch] = useQuery({ query: ContactLinksDocument, variables: { id: contact.id, after: after.at(-1) ?? null } });
  const read = () => refetch({ requestPolicy: 'network-only' });
  useEffect(() => {
    if (changes > 0) refetch({ requestPolicy: 'network-only' });
  }, [changes, refetch]);
  const columns = useColumns(contact, (link) => setTask({ do: 'edit', link }), read);
  const page = data?.contact?.affiliations;

  if (error && !data) return <Problem error={error} retry={read} />;
  if (!page) return <Loading />;
  const buttons = can('OPERATOR') && contact.deletedAt === null && (
    <Group gap="xs" mb="md">
      <Button leftSection={<Link2 size={16} aria-hidden />} onClick={() => setTask({ do: 'add' })}>
        {t('link.add')}
      </Button>
      {contact.kind === 'ORGANIZATION' && (
        <Button variant="default" leftSection={<UserPlus size={16} aria-hidden />} onClick={() => setTask({ do: 'relay' })}>
          {t('link.newRelay')}
        </Button>
      )}
    </Group>
  );
  return (
    <Sheet title={t('contact.tab.links')} lead={t('link.lead')}>
      {buttons}
      {page.nodes.length === 0 ? (
        <Empty icon={Link2} title={t('link.empty')}>
          {t('link.emptyText')}
        </Empty>
      ) : (
        <DataTable label={t('contact.tab.links')} rows={page.nodes} rowKey={(link) => link.id} columns={columns} faded={(link) => !link.inForce} />
      )}
      {(after.length > 0 || page.pageInfo.hasNextPage) && (
        <Group gap="xs" mt="md">
          {after.length > 0 && (
            <Button variant="default" onClick={() => setAfter(after.slice(0, -1))}>
              {t('action.back')}
            </Button>
          )}
          {page.pageInfo.hasNextPage && page.pageInfo.endCursor !== null && (
            <Button variant="default" onClick={() => setAfter([...after, page.pageInfo.endCursor ?? ''])}>
              {t('action.more')}
            </Button>
          )}
        </Group>
      )}
      <LinkDrawer contact={contact} task={task} onClose={() => setTask(null)} onDone={read} />
    </Sheet>
  );
}

function useColumns(contact: ContactFullFragment, onEdit: (link: LinkFullFragment) => void, onGone: () => void): Column<LinkFullFragment>[] {
  const locale = useLocale();
  const { t, format } = locale;
  const { can } = useSession();
  const confirm = useConfirm();
  const { send } = useSend(DeleteAffiliationDocument);
  const ok = useTellErrors();
  const nameOf = (link: LinkFullFragment) => seenFrom(link, contact.id).other.displayName;
  const remove = async (link: LinkFullFragment) => {
    const sure = await confirm({ title: t('link.removeTitle', { name: nameOf(link) }), text: t('link.removeText'), yes: t('action.remove'), danger: true });
    if (sure && ok(await send({ input: { id: link.id } }))) onGone();
  };
  const columns: Column<LinkFullFragment>[] = [
    {
      key: 'other',
      header: t('link.other'),
      phone: 'title',
      cell: (link) => {
        const { other } = seenFrom(link, contact.id);
        return (
          <>
            <Anchor component={Link} to={`/contacts/${other.id}`} c="inherit" fw={560}>
              {other.displayName}
            </Anchor>{' '}
            {other.deletedAt && <Tag tone="danger">{t('contact.inTrash')}</Tag>}
          </>
        );
      },
    },
    { key: 'type', header: t('link.type'), cell: (link) => linkText(link.type, seenFrom(link, contact.id).end, locale) },
    { key: 'role', header: t('link.role'), cell: (link) => link.role },
    {
      key: 'dates',
      header: t('link.dates'),
      cell: (link) => [link.since && format.day(link.since), link.until && format.day(link.until)].map((day) => day || '…').join(' – ').replace('… – …', ''),
    },
    { key: 'reach', header: t('link.work'), cell: (link) => [link.workEmail, link.workPhone].filter(Boolean).join(' · ') },
  ];
  if (can('OPERATOR')) {
    columns.push({
      key: 'buttons',
      header: t('action.actions'),
      phone: 'actions',
      width: '6rem',
      cell: (link) => (
        <span style={{ whiteSpace: 'nowrap' }}>
          <ActionIcon onClick={() => onEdit(link)} aria-label={t('link.editOne', { name: nameOf(link) })}>
            <Pencil size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon onClick={() => void remove(link)} aria-label={t('link.removeOne', { name: nameOf(link) })}>
            <Trash2 size={16} aria-hidden />
          </ActionIcon>
        </span>
      ),
    });
  }
  return columns;
}
