import { Checkbox, Modal, NumberInput, Textarea } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useSend } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { ReturnOrderDocument, type OrderFullFragment, type OrderLineFullFragment, type OrderTicketFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';
import { Explained } from './explained';
import { useDialog } from './use-dialog';
import css from './order.module.css';

interface Props {
  order: OrderFullFragment;
  /** Only this ticket; else lines and how many of each. */
  ticket: OrderTicketFragment | null;
  onClose: () => void;
  onDone: (order: OrderFullFragment) => void;
}

const left = (line: OrderLineFullFragment) => line.quantity - line.returned;

/** How many units of a line were used, which only a manager takes back. */
function usedOf(line: OrderLineFullFragment): number {
  return line.tickets.filter((one) => one.state === 'USED').length + line.bookings.filter((one) => one.state === 'ATTENDED').length + line.passes.filter((one) => one.used > 0 && one.cancelledAt === null).length;
}

/** Takes back what an order gave, and says before what that does to what is owed. */
export function ReturnDialog({ order, ticket, onClose, onDone }: Props) {
  const { t, format } = useLocale();
  const { can } = useSession();
  const { send, busy } = useSend(ReturnOrderDocument);
  const dialog = useDialog(onClose, ['reason']);
  const lines = order.lines.filter((line) => left(line) > 0);
  const [quantities, setQuantities] = useState<Record<string, number>>(() => Object.fromEntries(lines.map((line) => [line.id, left(line)])));
  const [force, setForce] = useState(ticket?.state === 'USED');
  const [reason, setReason] = useState('');
  const chosen = lines.map((line) => ({ line, n: quantities[line.id] ?? 0 })).filter(({ n }) => n > 0);
  const single = ticket && order.lines.find((line) => line.tickets.some(({ id }) => id === ticket.id));
  const amount = single ? single.unitPrice : chosen.reduce((sum, { line, n }) => sum + n * line.unitPrice, 0);
  const used = ticket ? ticket.state === 'USED' : chosen.some(({ line, n }) => n > left(line) - usedOf(line));
  const after = order.due - amount;
  const money = (minor: number) => format.money(minor, order.currency);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const what = ticket ? { tickets: [ticket.id] } : { lines: chosen.map(({ line, n }) => ({ lineId: line.id, quantity: n })) };
    const payload = await send({ input: { orderId: order.id, ...what, force: force && used, reason, idempotencyKey: dialog.key } });
    if (dialog.answered(payload, t('order.return.done')) && payload?.order) onDone(payload.order);
  };
  return (
    <Modal opened onClose={onClose} title={t(ticket ? 'order.return.ticketTitle' : 'order.return.title')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Refused texts={dialog.rest} />
        <Stack>
          <div className="dim">{t('order.return.text')}</div>
          {!ticket && (
            <div className={css.quantities}>
              {lines.map((line) => (
                <div key={line.id} className={css.quantity}>
                  <span id={`return-${line.id}`}>{line.label}</span>
                  <NumberInput
                    aria-labelledby={`return-${line.id}`}
                    min={0}
                    max={left(line)}
                    allowDecimal={false}
                    clampBehavior="strict"
                    suffix={` / ${left(line)}`}
                    value={quantities[line.id] ?? 0}
                    onChange={(n) => setQuantities({ ...quantities, [line.id]: typeof n === 'number' ? n : 0 })}
                  />
                </div>
              ))}
            </div>
          )}
          {used && can('MANAGER') && <Checkbox label={t('order.return.force')} description={t('order.return.forceHint')} checked={force} onChange={(event) => setForce(event.currentTarget.checked)} />}
          {used && !can('MANAGER') && <div className="dim">{t('order.return.usedHint')}</div>}
          <Textarea label={t('order.why')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={2000} autosize minRows={2} error={dialog.at('reason')} />
          <Explained
            rows={[
              { label: t('order.return.amount'), value: money(amount) },
              { label: t('order.paid'), value: money(order.paid) },
              { label: t(after < 0 ? 'order.toPayBack' : 'order.due'), value: money(Math.abs(after)), last: true },
            ]}
          />
        </Stack>
        <FormButtons busy={busy} save={t('order.return.yes')} onCancel={onClose} />
      </form>
    </Modal>
  );
}
