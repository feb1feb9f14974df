import { Modal, SegmentedControl, Select, Textarea } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useSend } from '@/api/send';
import { Explained } from '@/feature/order/explained';
import { useDialog } from '@/feature/order/use-dialog';
import { methods } from '@/feature/order/words';
import { DepositForContactDocument, WithdrawForContactDocument, type Balance, type ContactMoneyCoreFragment, type PaymentMethod } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';
import { MoneyInput } from '@/part/money';

/** What is done: the site gives credit, or the contact leaves money or takes it back. */
export type Change = 'give' | 'deposit' | 'withdraw';

interface Props {
  change: Change;
  money: ContactMoneyCoreFragment;
  onClose: () => void;
  onDone: () => void;
}

/** Changes what a contact has with the site, and says before what it will be (S-46). */
export function BalanceDialog({ change, money, onClose, onDone }: Props) {
  const { t, format } = useLocale();
  const { send: deposit, busy: depositing } = useSend(DepositForContactDocument);
  const { send: withdraw, busy: withdrawing } = useSend(WithdrawForContactDocument);
  const dialog = useDialog(onClose, ['amount', 'method', 'reason']);
  const [balance, setBalance] = useState<Balance>(change === 'withdraw' && money.holding === 0 ? 'CREDIT' : change === 'give' ? 'CREDIT' : 'HOLDING');
  const [amount, setAmount] = useState<number | null>(null);
  const [method, setMethod] = useState<PaymentMethod>('CASH');
  const [reason, setReason] = useState('');
  const offered = methods.filter((one) => one !== 'CREDIT' || balance === 'HOLDING');
  const now = balance === 'CREDIT' ? money.credit : money.holding;
  const after = now + (change === 'withdraw' ? -(amount ?? 0) : (amount ?? 0));
  const shown = (minor: number) => format.money(minor, money.currency);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const input = { contactId: money.contactId, balance, amount: amount ?? 0, method: change === 'give' ? null : method, reason, idempotencyKey: dialog.key };
    const payload = change === 'withdraw' ? await withdraw({ input }) : await deposit({ input });
    if (dialog.answered(payload, t(`money.${change}.done`))) onDone();
  };
  const choose = (next: Balance) => {
    setBalance(next);
    if (next === 'CREDIT' && method === 'CREDIT') setMethod('CASH');
  };
  return (
    <Modal opened onClose={onClose} title={t(`money.${change}.title`)} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Refused texts={dialog.rest} />
        <Stack>
          <div className="dim">{t(`money.${change}.text`)}</div>
          {change !== 'give' && (
            <SegmentedControl
              aria-label={t('money.account')}
              fullWidth
              value={balance}
              onChange={(value) => choose(value === 'CREDIT' ? 'CREDIT' : 'HOLDING')}
              data={[
                { value: 'HOLDING', label: t('money.balance.HOLDING') },
                { value: 'CREDIT', label: t('money.balance.CREDIT') },
              ]}
            />
          )}
          <MoneyInput label={t('order.amount')} currency={money.currency} required value={amount} onChange={setAmount} error={dialog.at('amount')} focus />
          {change !== 'give' && (
            <Select
              label={t('order.how')}
              allowDeselect={false}
              data={offered.map((value) => ({ value, label: t(`order.method.${value}`) }))}
              value={method}
              onChange={(value) => setMethod(offered.find((one) => one === value) ?? 'CASH')}
              error={dialog.at('method')}
            />
          )}
          <Textarea label={t('order.why')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={2000} autosize minRows={2} error={dialog.at('reason')} />
          <Explained
            rows={[
              { label: t('money.now'), value: shown(now) },
              { label: t('money.after'), value: shown(Math.max(0, after)), last: true },
            ]}
          />
        </Stack>
        <FormButtons busy={depositing || withdrawing} save={t(`money.${change}.yes`)} onCancel={onClose} />
      </form>
    </Modal>
  );
}
