import type { OrderRowFragment, PaymentMethod, TicketState } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Tag, type Tone } from '@/part/tag';

/** The ways in which money comes and goes. */
export const methods: PaymentMethod[] = ['CARD', 'CASH', 'TRANSFER', 'CREDIT', 'OTHER'];

/** What of an order is not settled, in words: cancelled, due, to be paid back, or paid. */
export function OrderTag({ order }: { order: Pick<OrderRowFragment, 'state' | 'due' | 'currency'> }) {
  const { t, format } = useLocale();
  if (order.due > 0) return <Tag tone="warn">{t('order.dueTag', { amount: format.money(order.due, order.currency) })}</Tag>;
  if (order.due < 0) return <Tag tone="danger">{t('order.backTag', { amount: format.money(-order.due, order.currency) })}</Tag>;
  if (order.state === 'CANCELLED') return <Tag>{t('order.state.CANCELLED')}</Tag>;
  return <Tag tone="accent">{t('order.settled')}</Tag>;
}

const tones: Record<TicketState, Tone> = { VALID: 'accent', USED: 'info', CANCELLED: 'plain' };

/** What became of a ticket. */
export function TicketTag({ state }: { state: TicketState }) {
  const { t } = useLocale();
  return <Tag tone={tones[state]}>{t(`order.ticketState.${state}`)}</Tag>;
}
