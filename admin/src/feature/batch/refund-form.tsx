import { Checkbox, SegmentedControl, Textarea } from '@mantine/core';
import { useState } from 'react';
import { SoldPicker, soldIds } from '@/feature/order/sold-picker';
import { useLocale } from '@/locale/locale';
import { Stack } from '@/part/form';
import type { OrderFormProps } from './order';

/** Of what, where to, and why everybody who paid has their money back (P-19). */
export function RefundForm({ onChange }: OrderFormProps) {
  const { t } = useLocale();
  const [state, setState] = useState({ sold: '', toCredit: false, force: false, reason: '' });
  const take = (part: Partial<typeof state>) => {
    const next = { ...state, ...part };
    setState(next);
    const { sold, ...rest } = next;
    onChange(sold === '' ? null : { action: 'REFUND', refund: { ...soldIds(sold), ...rest } });
  };
  return (
    <Stack>
      <p className="dim">{t('batch.refund.help')}</p>
      <SoldPicker label={t('batch.refund.what')} value={state.sold} onChange={(sold) => take({ sold })} />
      <SegmentedControl
        aria-label={t('batch.refund.to')}
        fullWidth
        value={state.toCredit ? 'credit' : 'paid'}
        onChange={(to) => take({ toCredit: to === 'credit' })}
        data={[
          { value: 'paid', label: t('batch.refund.asPaid') },
          { value: 'credit', label: t('batch.refund.toCredit') },
        ]}
      />
      <Checkbox label={t('batch.refund.force')} description={t('batch.refund.forceHint')} checked={state.force} onChange={(event) => take({ force: event.currentTarget.checked })} />
      <Textarea label={t('order.why')} value={state.reason} onChange={(event) => take({ reason: event.currentTarget.value })} maxLength={2000} autosize minRows={2} />
    </Stack>
  );
}
