import { Alert, Anchor } from '@mantine/core';
import { CircleAlert } from 'lucide-react';
import { Link } from 'react-router';
import type { EventQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useMoney } from '@/part/money';
import css from './event.module.css';

/** What follows of an event that was cancelled or refused, and what is left to do. */
export function EventNotice({ event }: { event: EventQuery['event'] }) {
  const { t, format } = useLocale();
  const money = useMoney();
  const { sold, revenue } = event.sales;
  if (event.state === 'REFUSED') {
    return (
      <Alert role="note" mb="md" color="gray" className={css.notice} icon={<CircleAlert size={18} aria-hidden />} title={t('event.refusedNotice')}>
        <span className={css.said}>{event.refusal}</span>
      </Alert>
    );
  }
  if (event.state !== 'CANCELLED') return null;
  return (
    <Alert role="note" mb="md" color={sold > 0 ? 'red' : 'gray'} className={sold > 0 ? `${css.notice} ${css.owed}` : css.notice} icon={<CircleAlert size={18} aria-hidden />} title={t('event.cancelledNotice')}>
      {sold === 0 ? (
        t('event.nothingOwed')
      ) : (
        <>
          {t('event.owed', { count: format.number(sold), amount: money(revenue) })}{' '}
          <Anchor component={Link} to={`/orders?sold=event:${event.id}`} inherit underline="always">
            {t('event.owedOrders')}
          </Anchor>
        </>
      )}
    </Alert>
  );
}
