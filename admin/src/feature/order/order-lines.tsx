import { ActionIcon, Modal, Tooltip } from '@mantine/core';
import { DoorOpen, QrCode, Undo2, Undo } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useQuery } from 'urql';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { BookingActions, MembershipActions, PassActions } from '@/feature/sale/held-actions';
import { useSession } from '@/feature/session/session';
import { CheckInTicketDocument, TicketCodeDocument, UndoCheckInDocument, type OrderFullFragment, type OrderLineFullFragment, type OrderTicketFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { QRCode } from '@/part/qr-code';
import { Loading, Problem } from '@/part/state';
import { PartyLink } from './party-link';
import { TicketTag } from './words';
import css from './order.module.css';

interface Props {
  order: OrderFullFragment;
  onReturn: (ticket: OrderTicketFragment) => void;
  onChange: () => void;
}

/** What an order holds, line by line, and what became of it. */
export function OrderLines({ order, onReturn, onChange }: Props) {
  const { t } = useLocale();
  const [shown, setShown] = useState<OrderTicketFragment | null>(null);
  return (
    <Sheet title={t('order.lines')}>
      <ul className={css.lines} aria-label={t('order.lines')}>
        {order.lines.map((line) => (
          <li key={line.id}>
            <LineHead line={line} currency={order.currency} />
            {line.tickets.length > 0 && (
              <ul className={css.units} aria-label={t('order.ticketsOf', { name: line.label })}>
                {line.tickets.map((ticket) => (
                  <TicketItem key={ticket.id} ticket={ticket} onShow={() => setShown(ticket)} onReturn={() => onReturn(ticket)} onChange={onChange} />
                ))}
              </ul>
            )}
            <OtherUnits line={line} onChange={onChange} />
          </li>
        ))}
      </ul>
      {shown && <CodeDialog ticket={shown} onClose={() => setShown(null)} />}
    </Sheet>
  );
}

function LineHead({ line, currency }: { line: OrderLineFullFragment; currency: string }) {
  const { t, tn, format } = useLocale();
  return (
    <>
      <div className={css.lineHead}>
        <span>
          {format.number(line.quantity)} × {line.label}
        </span>
        <span className={css.amount}>{format.money(line.amount, currency)}</span>
      </div>
      <p className={css.facts}>
        {t('order.each', { amount: format.money(line.unitPrice, currency) })}
        {line.priceRule && ` · ${t('order.priceOf', { rule: line.priceRule })}`}
        {' · '}
        <PartyLink contact={line.attendee} />
        {line.returned > 0 && ` · ${tn('order.returnedOf', line.returned, { count: format.number(line.returned) })}`}
      </p>
    </>
  );
}

/** Memberships, passes and bookings in a few words, with what can be done with them. */
function OtherUnits({ line, onChange }: { line: OrderLineFullFragment; onChange: () => void }) {
  const { t, format } = useLocale();
  const rows = [
    ...line.memberships.map((one) => ({
      id: one.id,
      gone: line.returned > 0,
      text: t(one.endsOn ? 'order.membership' : 'order.membershipEndless', { from: format.day(one.startsOn), to: one.endsOn ? format.day(one.endsOn) : '' }),
      actions: <MembershipActions held={one} name={one.plan.name} onChange={onChange} />,
    })),
    ...line.passes.map((one) => ({
      id: one.id,
      gone: one.cancelledAt !== null,
      text: t('order.pass', { used: format.number(one.used), uses: format.number(one.uses) }),
      actions: <PassActions held={one} name={line.label} onChange={onChange} />,
    })),
    ...line.bookings.map((one) => ({
      id: one.id,
      gone: one.state === 'CANCELLED',
      text: `${format.moment(one.slot.startsAt)} · ${t(`order.bookingState.${one.state}`)}`,
      actions: <BookingActions held={one} name={`${line.label}, ${format.moment(one.slot.startsAt)}`} onChange={onChange} />,
    })),
  ];
  if (rows.length === 0) return null;
  return (
    <ul className={css.units} aria-label={t('order.gives', { name: line.label })}>
      {rows.map((row) => (
        <li key={row.id} className={css.unit} data-gone={row.gone || undefined}>
          <span className={row.gone ? 'dim' : undefined}>{row.text}</span>
          {!row.gone && <span className={css.buttons}>{row.actions}</span>}
        </li>
      ))}
    </ul>
  );
}

function TicketItem({ ticket, onShow, onReturn, onChange }: { ticket: OrderTicketFragment; onShow: () => void; onReturn: () => void; onChange: () => void }) {
  const { t, format } = useLocale();
  const { can } = useSession();
  const { send: checkIn, busy: checking } = useSend(CheckInTicketDocument);
  const { send: undo, busy: undoing } = useSend(UndoCheckInDocument);
  const ok = useTellErrors();
  const code = ticket.code?.slice(0, 8) ?? ''; // who may let nobody in is not told it
  const admit = async () => {
    const done = ticket.state === 'USED' ? ok(await undo({ input: { id: ticket.id } })) : ok(await checkIn({ input: { code: ticket.code ?? '' } }));
    if (done) confirmDone(t(ticket.state === 'USED' ? 'order.ticket.undone' : 'order.ticket.in'));
    onChange();
  };
  const button = (text: string, icon: ReactNode, act: () => void) => (
    <Tooltip label={text}>
      <ActionIcon size={32} aria-label={`${text}: ${code}`} disabled={checking || undoing} onClick={act}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
  return (
    <li className={css.unit} data-gone={ticket.state === 'CANCELLED' || undefined}>
      {code !== '' && <span className={css.code}>{code}</span>}
      <TicketTag state={ticket.state} />
      {ticket.seat && <span>{t('order.seat', { seat: ticket.seat })}</span>}
      {ticket.usedAt && <span className="dim">{format.moment(ticket.usedAt)}</span>}
      {ticket.state !== 'CANCELLED' && (
        <span className={css.buttons}>
          {code !== '' && button(t('order.ticket.show'), <QrCode size={16} aria-hidden />, onShow)}
          {can('OPERATOR') &&
            (ticket.state === 'USED'
              ? button(t('order.ticket.undo'), <Undo size={16} aria-hidden />, () => void admit())
              : button(t('order.ticket.admit'), <DoorOpen size={16} aria-hidden />, () => void admit()))}
          {can(ticket.state === 'USED' ? 'MANAGER' : 'OPERATOR') && button(t('order.ticket.return'), <Undo2 size={16} aria-hidden />, onReturn)}
        </span>
      )}
    </li>
  );
}

function CodeDialog({ ticket, onClose }: { ticket: OrderTicketFragment; onClose: () => void }) {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: TicketCodeDocument, variables: { id: ticket.id } });
  return (
    <Modal opened onClose={onClose} title={t('order.ticket.code')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {error ? <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} /> : !data?.ticket.qr ? <Loading /> : <QRCode qr={data.ticket.qr} label={t('order.ticket.code')} />}
      <p className={css.ticketCode}>
        <span className={css.code}>{ticket.code}</span>
      </p>
    </Modal>
  );
}
