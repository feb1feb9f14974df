import { ActionIcon, Anchor, Button, Drawer, Text } from '@mantine/core';
import { Archive, Pencil, Plus, TicketPercent } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { OffersDocument, UpdateOfferDocument, type OfferFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { DataTable, type Column } from '@/part/data-table';
import { Page } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { OfferForm } from './offer-form';
import { productName } from './product-select';

/** What is reserved for segments and groups (S-42, S-43). */
export default function OffersPage() {
  const { t } = useLocale();
  const { can } = useSession();
  const [{ data, error }, reload] = useQuery({ query: OffersDocument, requestPolicy: 'cache-and-network' });
  const [open, setOpen] = useState<OfferFullFragment | 'new' | null>(null);
  const again = () => reload({ requestPolicy: 'network-only' });
  const columns = useColumns(setOpen, again);
  const add = can('MANAGER') && (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setOpen('new')}>
      {t('offer.add')}
    </Button>
  );
  return (
    <Page title={t('nav.offers')} lead={t('offer.lead')} actions={data && data.offers.length > 0 && add}>
      {error && !data ? (
        <Problem error={error} retry={again} />
      ) : !data ? (
        <Loading />
      ) : data.offers.length === 0 ? (
        <Empty icon={TicketPercent} title={t('offer.empty')} action={add}>
          {t('offer.emptyText')}
        </Empty>
      ) : (
        <DataTable label={t('nav.offers')} rows={data.offers} rowKey={(offer) => offer.id} columns={columns} />
      )}
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        title={open === 'new' ? t('offer.add') : t('offer.edit')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open && <OfferForm offer={open === 'new' ? null : open} onClose={() => setOpen(null)} onSaved={again} />}
      </Drawer>
    </Page>
  );
}

function useColumns(onEdit: (offer: OfferFullFragment) => void, onArchived: () => void): Column<OfferFullFragment>[] {
  const { t, format } = useLocale();
  const { can } = useSession();
  const archive = useArchive(onArchived);
  const columns: Column<OfferFullFragment>[] = [
    {
      key: 'name',
      header: t('offer.name'),
      width: '34%',
      phone: 'title',
      cell: (offer) => (
        <>
          {offer.name} <Tag>{offer.type}</Tag>
          {offer.product && (
            <Text component="span" display="block" fz="xs" fw={400} className="dim">
              {productName(offer.product)}
            </Text>
          )}
        </>
      ),
    },
    {
      key: 'for',
      header: t('offer.for'),
      cell: ({ segment, group }) =>
        segment ? (
          <Anchor component={Link} to={`/segments/${segment.id}`}>
            {segment.name}
          </Anchor>
        ) : (
          group && (
            <Anchor component={Link} to={`/groups/${group.id}`}>
              {group.name}
            </Anchor>
          )
        ),
    },
    { key: 'until', header: t('offer.endsOn'), width: '9rem', cell: ({ endsOn }) => endsOn && format.day(endsOn) },
    { key: 'left', header: t('offer.left'), align: 'right', width: '8rem', cell: ({ left }) => (left === null ? <span className="dim">{t('offer.noLimit')}</span> : format.number(left)) },
  ];
  if (can('MANAGER')) {
    columns.push({
      key: 'buttons',
      header: t('action.actions'),
      phone: 'actions',
      width: '6rem',
      cell: (offer) => (
        <span style={{ whiteSpace: 'nowrap' }}>
          <ActionIcon onClick={() => onEdit(offer)} aria-label={t('offer.editOne', { name: offer.name })}>
            <Pencil size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon onClick={() => void archive(offer)} aria-label={t('offer.archiveOne', { name: offer.name })}>
            <Archive size={16} aria-hidden />
          </ActionIcon>
        </span>
      ),
    });
  }
  return columns;
}

function useArchive(onDone: () => void) {
  const { t } = useLocale();
  const confirm = useConfirm();
  const { send } = useSend(UpdateOfferDocument);
  const ok = useTellErrors();
  return async ({ id, name }: { id: string; name: string }) => {
    const sure = await confirm({ title: t('offer.archiveTitle', { name }), text: t('offer.archiveText'), yes: t('offer.archive') });
    if (sure && ok(await send({ input: { id, archived: true } }))) onDone();
  };
}
