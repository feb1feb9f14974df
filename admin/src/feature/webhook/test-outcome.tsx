import { Alert } from '@mantine/core';
import { CircleAlert, CircleCheck, Send } from 'lucide-react';
import { useEffect } from 'react';
import { useQuery } from 'urql';
import { WebhookDeliveryDocument, type DeliveryFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useEvery } from '@/part/use-every';
import css from './webhook.module.css';

const readAgain = 700;

/** What became of a test, as soon as it is known. */
export function TestOutcome({ id, onSettled }: { id: string | null; onSettled: () => void }) {
  const [{ data }, reload] = useQuery({ query: WebhookDeliveryDocument, variables: { id: id ?? '' }, pause: id === null, requestPolicy: 'network-only' });
  const delivery = data?.webhookDelivery?.id === id ? (data?.webhookDelivery ?? null) : null; // not an earlier test's
  const settled = delivery !== null && delivery.status !== 'QUEUED';
  useEvery(readAgain, () => {
    if (id !== null && !settled) reload({ requestPolicy: 'network-only' });
  });
  useEffect(() => {
    if (settled) onSettled();
  }, [id, settled]);
  // The region is there before what it tells: else screen readers may miss it.
  return <div role="status">{id !== null && <Outcome delivery={delivery} />}</div>;
}

function Outcome({ delivery }: { delivery: DeliveryFullFragment | null }) {
  const { t } = useLocale();
  if (!delivery || delivery.status === 'QUEUED') {
    return (
      <Alert color="gray" mb="md" icon={<Send size={18} aria-hidden />} className={css.calm}>
        {t('webhook.testSent')}
      </Alert>
    );
  }
  const status = String(delivery.responseStatus);
  if (delivery.status === 'DELIVERED') {
    return (
      <Alert color="pine" mb="md" className={css.good} icon={<CircleCheck size={18} aria-hidden />}>
        {t('webhook.testTaken', { status })}
      </Alert>
    );
  }
  return (
    <Alert color="red" mb="md" className={css.bad} icon={<CircleAlert size={18} aria-hidden />}>
      {delivery.responseStatus !== null ? (
        t('webhook.testRefused', { status })
      ) : (
        <>
          {t('webhook.testLost')}{' '}
          <span lang="en" className={css.whole}>
            {delivery.problem}
          </span>
        </>
      )}
    </Alert>
  );
}
