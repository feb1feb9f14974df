import { Modal, Select, Textarea } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useSend } from '@/api/send';
import { RefundDocument, type OrderFullFragment, type PaymentMethod } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';
import { MoneyInput } from '@/part/money';
import { Explained } from './explained';
import { useDialog } from './use-dialog';
import { methods } from './words';

/** Pays back what was paid for an order: what is too much of it, all, or a part; as money or as credit. */
export function RefundDialog({ order, onClose, onDone, onRefused }: { order: OrderFullFragment; onClose: () => void; onDone: (order: OrderFullFragment) => void; onRefused: () => void }) {
  const { t, format } = useLocale();
  const { send, busy } = useSend(RefundDocument);
  const dialog = useDialog(onClose, ['amount', 'method', 'reason']);
  const ways = useWays(order);
  const last = order.payments.findLast((payment) => payment.direction === 'IN');
  const [chosen, setChosen] = useState((ways.find((one) => one.paymentId !== null && one.paymentId === last?.id) ?? ways.find((one) => one.method === (last?.method ?? 'CARD') && one.paymentId === null) ?? ways[0])?.value ?? 'CARD');
  const way = ways.find((one) => one.value === chosen);
  const method = way?.method ?? 'CARD';
  const [amount, setAmount] = useState<number | null>(Math.min(order.due < 0 ? -order.due : order.paid, way?.left ?? Infinity));
  const [reason, setReason] = useState('');
  const money = (minor: number) => format.money(minor, order.currency);
  const after = order.due + (amount ?? 0);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const payload = await send({ input: { orderId: order.id, method, amount: amount ?? 0, reason, idempotencyKey: dialog.key, ...(way?.paymentId && { paymentId: way.paymentId }) } });
    const underWay = way?.paymentId && payload?.order?.providerPayments.findLast((one) => one.direction === 'OUT')?.state === 'PENDING';
    if (dialog.answered(payload, t(underWay ? 'order.refund.underWay' : 'order.refund.done')) && payload?.order) onDone(payload.order);
    else if (payload?.errors.some((one) => one.code === 'PROVIDER_REFUSED')) onRefused();
  };
  return (
    <Modal opened onClose={onClose} title={t('order.refund.title')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Refused texts={dialog.rest} />
        <Stack>
          <div className="dim">{t(way?.paymentId ? 'order.refund.providerText' : method === 'CREDIT' ? 'order.refund.creditText' : 'order.refund.moneyText')}</div>
          <MoneyInput label={t('order.amount')} currency={order.currency} required value={amount} onChange={setAmount} error={dialog.at('amount')} focus />
          <Select
            label={t('order.refund.to')}
            allowDeselect={false}
            data={ways}
            value={chosen}
            onChange={(value) => setChosen(value ?? chosen)}
            error={dialog.at('method')}
          />
          <Textarea label={t('order.why')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={2000} autosize minRows={2} error={dialog.at('reason')} />
          <Explained
            rows={[
              { label: t('order.paid'), value: money(order.paid) },
              { label: t('order.toPayBack'), value: money(Math.max(0, -order.due)) },
              { label: t(after > 0 ? 'order.refund.dueAfter' : 'order.refund.after'), value: money(Math.abs(after)), last: true },
            ]}
          />
        </Stack>
        <FormButtons busy={busy} save={t('order.refund.yes')} onCancel={onClose} />
      </form>
    </Modal>
  );
}

/** Where money can go back to: to what a provider collected and has not paid back, and by hand. */
function useWays(order: OrderFullFragment): { value: string; label: string; method: PaymentMethod; paymentId: string | null; left: number }[] {
  const { t, format } = useLocale();
  return [
    ...order.providerPayments
      .filter((one) => one.direction === 'IN' && one.left > 0)
      .map((one) => ({ value: one.id, label: t('order.refund.way', { provider: t(`order.provider.${one.provider}`), amount: format.money(one.left, one.currency) }), method: 'CARD' as const, paymentId: one.paymentId, left: one.left })),
    ...methods.filter((one) => one !== 'CREDIT' || order.payer).map((method) => ({ value: method, label: t(`order.method.${method}`), method, paymentId: null, left: Infinity })),
  ];
}
