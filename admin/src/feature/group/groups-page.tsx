import { ActionIcon, Anchor, Button, Drawer } from '@mantine/core';
import { Boxes, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { DeleteGroupDocument, GroupsDocument, type GroupFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { DataTable, type Column } from '@/part/data-table';
import { Page } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { Dot } from '@/part/tag';
import { GroupForm } from './group-form';

/** All groups: static memberships that prices and quotas refer to (P-24). */
export default function GroupsPage() {
  const { t } = useLocale();
  const { can } = useSession();
  const [{ data, error }, reload] = useQuery({ query: GroupsDocument });
  const [open, setOpen] = useState<GroupFullFragment | 'new' | null>(null);
  const columns = useColumns(setOpen);
  const add = can('MANAGER') && (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setOpen('new')}>
      {t('group.add')}
    </Button>
  );
  return (
    <Page title={t('nav.groups')} lead={t('group.lead')} actions={data && data.groups.length > 0 && add}>
      {error && !data ? (
        <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
      ) : !data ? (
        <Loading />
      ) : data.groups.length === 0 ? (
        <Empty icon={Boxes} title={t('group.empty')} action={add}>
          {t('group.emptyText')}
        </Empty>
      ) : (
        <DataTable label={t('nav.groups')} rows={data.groups} rowKey={(group) => group.id} columns={columns} />
      )}
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        title={open === 'new' ? t('group.add') : t('group.edit')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open && <GroupForm group={open === 'new' ? null : open} onClose={() => setOpen(null)} onSaved={() => reload({ requestPolicy: 'network-only' })} />}
      </Drawer>
    </Page>
  );
}

function useColumns(onEdit: (group: GroupFullFragment) => void): Column<GroupFullFragment>[] {
  const { t, format } = useLocale();
  const { can } = useSession();
  const remove = useDeleteGroup();
  const columns: Column<GroupFullFragment>[] = [
    {
      key: 'name',
      header: t('group.name'),
      width: '32%',
      phone: 'title',
      cell: (group) => (
        <Anchor component={Link} to={`/groups/${group.id}`} c="inherit" fw={560}>
          <Dot color={group.color}>{group.name}</Dot>
        </Anchor>
      ),
    },
    { key: 'description', header: t('group.description'), phone: 'hide', cell: (group) => <span className="dim">{group.description}</span> },
    { key: 'count', header: t('group.members'), align: 'right', width: '8rem', cell: (group) => format.number(group.contactCount) },
  ];
  if (can('MANAGER')) {
    columns.push({
      key: 'buttons',
      header: t('action.actions'),
      phone: 'actions',
      width: '6rem',
      cell: (group) => (
        <span style={{ whiteSpace: 'nowrap' }}>
          <ActionIcon onClick={() => onEdit(group)} aria-label={t('group.editOne', { name: group.name })}>
            <Pencil size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon onClick={() => void remove(group)} aria-label={t('group.deleteOne', { name: group.name })}>
            <Trash2 size={16} aria-hidden />
          </ActionIcon>
        </span>
      ),
    });
  }
  return columns;
}

/** Deletes a group after asking. True when it is gone. */
export function useDeleteGroup() {
  const { t } = useLocale();
  const confirm = useConfirm();
  const { send } = useSend(DeleteGroupDocument);
  const ok = useTellErrors();
  return async ({ id, name }: { id: string; name: string }): Promise<boolean> => {
    const sure = await confirm({ title: t('group.deleteTitle', { name }), text: t('group.deleteText'), yes: t('action.delete'), danger: true });
    return sure && ok(await send({ input: { id } }));
  };
}
