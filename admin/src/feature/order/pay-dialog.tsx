import { Modal, Select, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useQuery } from 'urql';
import { useSend } from '@/api/send';
import { ContactCreditDocument, RecordPaymentDocument, type OrderFullFragment, type PaymentMethod } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';
import { MoneyInput } from '@/part/money';
import { Explained } from './explained';
import { useDialog } from './use-dialog';
import { methods } from './words';

/** Writes down a payment of an order: all that is due, or a part. */
export function PayDialog({ order, onClose, onDone }: { order: OrderFullFragment; onClose: () => void; onDone: (order: OrderFullFragment) => void }) {
  const { t, format } = useLocale();
  const { send, busy } = useSend(RecordPaymentDocument);
  const dialog = useDialog(onClose, ['amount', 'method', 'reference']);
  const [amount, setAmount] = useState<number | null>(order.due);
  const [method, setMethod] = useState<PaymentMethod>('CARD');
  const [reference, setReference] = useState('');
  const [{ data }] = useQuery({ query: ContactCreditDocument, variables: { contactId: order.payer?.id ?? '' }, pause: !order.payer || method !== 'CREDIT', requestPolicy: 'network-only' });
  const money = (minor: number) => format.money(minor, order.currency);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const payload = await send({ input: { orderId: order.id, method, amount: amount ?? 0, reference, idempotencyKey: dialog.key } });
    if (dialog.answered(payload, t('order.pay.done')) && payload?.order) onDone(payload.order);
  };
  return (
    <Modal opened onClose={onClose} title={t('order.pay.title')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Refused texts={dialog.rest} />
        <Stack>
          <MoneyInput label={t('order.amount')} currency={order.currency} required value={amount} onChange={setAmount} error={dialog.at('amount')} focus />
          <Select
            label={t('order.how')}
            allowDeselect={false}
            data={methods.filter((one) => one !== 'CREDIT' || order.payer).map((value) => ({ value, label: t(`order.method.${value}`) }))}
            value={method}
            onChange={(value) => setMethod(methods.find((one) => one === value) ?? 'CARD')}
            error={dialog.at('method')}
          />
          {method !== 'CREDIT' && <TextInput label={t('order.reference')} description={t('order.referenceHint')} value={reference} onChange={(event) => setReference(event.currentTarget.value)} maxLength={200} error={dialog.at('reference')} />}
          <Explained
            rows={[
              ...(method === 'CREDIT' && data ? [{ label: t('order.pay.credit'), value: money(data.contactMoney.credit) }] : []),
              { label: t('order.due'), value: money(order.due) },
              { label: t('order.pay.after'), value: money(Math.max(0, order.due - (amount ?? 0))), last: true },
            ]}
          />
        </Stack>
        <FormButtons busy={busy} save={t('order.pay.yes')} onCancel={onClose} />
      </form>
    </Modal>
  );
}
