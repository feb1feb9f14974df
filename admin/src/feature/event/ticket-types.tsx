import { Button, Drawer } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { ProductForm } from '@/feature/catalogue/product-form';
import { ProductTable } from '@/feature/catalogue/product-table';
import { useSession } from '@/feature/session/session';
import type { EventQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import css from './event.module.css';

/** What tickets there are for an event. */
export function TicketTypes({ event, onChange }: { event: EventQuery['event']; onChange: () => void }) {
  const { t } = useLocale();
  const { can } = useSession();
  const [adding, setAdding] = useState(false);
  const add = can('MANAGER') && event.state !== 'CANCELLED' && (
    <Button variant="default" leftSection={<Plus size={15} aria-hidden />} onClick={() => setAdding(true)}>
      {t('event.addTicket')}
    </Button>
  );
  return (
    <Sheet title={t('event.tickets')} lead={t('event.ticketsLead')} aside={add}>
      {event.ticketTypes.length === 0 ? <p className={css.none}>{t('event.noTickets')}</p> : <ProductTable label={t('event.tickets')} rows={event.ticketTypes} />}
      <Drawer opened={adding} onClose={() => setAdding(false)} title={t('event.addTicket')} closeButtonProps={{ 'aria-label': t('action.close') }}>
        <ProductForm
          product={null}
          kind="TICKET"
          eventId={event.id}
          onClose={() => setAdding(false)}
          onSaved={() => {
            setAdding(false);
            onChange();
          }}
        />
      </Drawer>
    </Sheet>
  );
}
