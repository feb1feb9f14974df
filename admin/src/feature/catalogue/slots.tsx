import { ActionIcon, Button, Drawer } from '@mantine/core';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { DeleteSlotDocument, SlotsDocument, type ProductQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Pager, usePages } from '@/part/pager';
import { useSiteTime } from '@/part/site-time';
import { Loading, Problem } from '@/part/state';
import { SlotForm } from './slot-form';
import css from './catalogue.module.css';

/** When a resource can be booked, from now on. */
export function Slots({ product }: { product: ProductQuery['product'] }) {
  const { t, format } = useLocale();
  const { can } = useSession();
  const time = useSiteTime();
  const pages = usePages();
  const [{ data, error }, reload] = useQuery({ query: SlotsDocument, variables: { id: product.id, after: pages.after }, requestPolicy: 'cache-and-network' });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const [adding, setAdding] = useState(false);
  const { send, busy } = useSend(DeleteSlotDocument);
  const ok = useTellErrors();
  const add = can('MANAGER') && (
    <Button variant="default" leftSection={<Plus size={15} aria-hidden />} onClick={() => setAdding(true)}>
      {t('catalogue.addSlots')}
    </Button>
  );
  const rows = data?.product.slots.nodes ?? [];
  return (
    <Sheet title={t('catalogue.slots')} lead={t('catalogue.slotsLead')} aside={add}>
      {error && !data ? (
        <Problem error={error} retry={refresh} />
      ) : !data ? (
        <Loading lines={3} />
      ) : rows.length === 0 ? (
        <p className={css.none}>{t('catalogue.noSlots')}</p>
      ) : (
        <>
          <DataTable
            label={t('catalogue.slots')}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              { key: 'when', header: t('event.when'), phone: 'title', cell: (row) => <span className="num">{time.span(row.startsAt, row.endsAt)}</span> },
              { key: 'left', header: t('event.left'), align: 'right', width: '9rem', cell: (row) => t('event.of', { taken: format.number(row.left), capacity: format.number(row.capacity) }) },
              {
                key: 'buttons',
                header: t('action.actions'),
                phone: 'actions',
                width: '4rem',
                cell: (row) =>
                  can('MANAGER') &&
                  row.left === row.capacity && (
                    <ActionIcon size={32} disabled={busy} aria-label={t('group.deleteOne', { name: time.moment(row.startsAt) })} onClick={() => void send({ input: { id: row.id } }).then((payload) => ok(payload) && refresh())}>
                      <Trash2 size={16} aria-hidden />
                    </ActionIcon>
                  ),
              },
            ]}
          />
          <Pager pages={pages.pages} go={pages.go} place={data.product.slots.pageInfo} />
        </>
      )}
      <Drawer opened={adding} onClose={() => setAdding(false)} title={t('catalogue.addSlots')} closeButtonProps={{ 'aria-label': t('action.close') }}>
        <SlotForm
          productId={product.id}
          onClose={() => setAdding(false)}
          onSaved={() => {
            setAdding(false);
            refresh();
          }}
        />
      </Drawer>
    </Sheet>
  );
}
