import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useParams } from 'react-router';
import { useQuery } from 'urql';
import { useSession } from '@/feature/session/session';
import { OrderDocument, type OrderFullFragment, type OrderTicketFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Page, Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { OrderLines } from './order-lines';
import { OrderMoney } from './order-money';
import { PartyLink } from './party-link';
import { PayDialog } from './pay-dialog';
import { RefundDialog } from './refund-dialog';
import { ReturnDialog } from './return-dialog';
import { OrderTag } from './words';
import css from './order.module.css';

/** What is being done to the order. */
type Doing = 'pay' | 'refund' | 'return' | OrderTicketFragment;

/** One order: who it names, what it holds, and its money. */
export default function OrderPage() {
  const { t, format, known } = useLocale();
  const { can } = useSession();
  const { id = '' } = useParams();
  const [{ data, error }, reload] = useQuery({ query: OrderDocument, variables: { id }, requestPolicy: 'cache-and-network' });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const [doing, setDoing] = useState<Doing | null>(null);
  const [now, setNow] = useState<OrderFullFragment | null>(null); // as the last change gave it, until it is read anew
  useEffect(() => setNow(null), [data]);
  const order = now ?? data?.order;
  const back = { to: '/orders', label: t('nav.orders') };
  if (!order) {
    return (
      <Page title={t('nav.orders')} back={back}>
        {error ? <Problem error={error} retry={refresh} /> : <Loading />}
      </Page>
    );
  }
  const title = t('order.title', { number: format.number(order.number) });
  const left = order.lines.some((line) => line.returned < line.quantity);
  const close = () => setDoing(null);
  return (
    <Page
      title={title}
      back={back}
      heading={
        <span className={css.heading}>
          {title} <OrderTag order={order} />
        </span>
      }
      lead={[format.moment(order.orderedAt), known('order.channels', order.channel) ?? order.channel, order.actorName, order.reference].filter(Boolean).join(' · ')}
      actions={
        can('OPERATOR') && (
          <>
            {left && (
              <Button variant="default" onClick={() => setDoing('return')}>
                {t('order.return.open')}
              </Button>
            )}
            {order.paid > 0 && (
              <Button variant={order.due < 0 ? 'filled' : 'default'} onClick={() => setDoing('refund')}>
                {t('order.refund.open')}
              </Button>
            )}
            {order.due > 0 && <Button onClick={() => setDoing('pay')}>{t('order.pay.open')}</Button>}
          </>
        )
      }
    >
      <Parties order={order} />
      <OrderLines order={order} onReturn={setDoing} onChange={refresh} />
      <OrderMoney order={order} />
      {order.answers.length > 0 && (
        <Sheet title={t('order.answers')} lead={t('order.answersLead')}>
          <dl className={css.parties}>
            {order.answers.map((answer) => (
              <div key={answer.fieldId}>
                <dt>{answer.label}</dt>
                <dd>{answer.display || '–'}</dd>
              </div>
            ))}
          </dl>
        </Sheet>
      )}
      {doing === 'pay' && <PayDialog order={order} onClose={close} onDone={setNow} />}
      {doing === 'refund' && <RefundDialog order={order} onClose={close} onDone={setNow} onRefused={refresh} />}
      {doing !== null && doing !== 'pay' && doing !== 'refund' && <ReturnDialog order={order} ticket={doing === 'return' ? null : doing} onClose={close} onDone={setNow} />}
    </Page>
  );
}

/** Who buys, pays and attends: up to three different contacts (S-61). */
function Parties({ order }: { order: OrderFullFragment }) {
  const { t } = useLocale();
  const attendees = new Map(order.lines.flatMap(({ attendee }) => (attendee ? [[attendee.id, attendee] as const] : [])));
  return (
    <Sheet title={t('order.parties')}>
      <dl className={css.parties}>
        <div>
          <dt>{t('order.buyer')}</dt>
          <dd>
            <PartyLink contact={order.buyer} />
          </dd>
        </div>
        <div>
          <dt>{t('order.payer')}</dt>
          <dd>
            <PartyLink contact={order.payer} />
          </dd>
        </div>
        <div>
          <dt>{t('order.attendees')}</dt>
          <dd>
            {attendees.size === 0 && <span className="dim">{t('order.gone')}</span>}
            {[...attendees.values()].map((contact, index) => (
              <span key={contact.id}>
                {index > 0 && ', '}
                <PartyLink contact={contact} />
              </span>
            ))}
          </dd>
        </div>
      </dl>
    </Sheet>
  );
}

