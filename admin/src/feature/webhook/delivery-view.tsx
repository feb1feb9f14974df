import { Alert, Button } from '@mantine/core';
import { RotateCw } from 'lucide-react';
import { useQuery } from 'urql';
import { WebhookDeliveryDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { CopyBlock } from '@/part/copy';
import { Loading, Problem } from '@/part/state';
import { useEvery } from '@/part/use-every';
import { ResultTag } from './words';
import css from './webhook.module.css';

const readAgain = 3_000;

/** One delivery: how far it is, and what the receiver reads. */
export function DeliveryView({ id, disabled, onAgain }: { id: string; disabled: boolean; onAgain: () => void }) {
  const { t, format } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: WebhookDeliveryDocument, variables: { id }, requestPolicy: 'cache-and-network' });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  useEvery(readAgain, refresh);
  const delivery = data?.webhookDelivery;
  if (!delivery) return error ? <Problem error={error} retry={refresh} /> : <Loading />;
  return (
    <article>
      <dl className={css.facts}>
        <dt>{t('webhook.what')}</dt>
        <dd>{t(`webhook.event.${delivery.event}`)}</dd>
        <dt>{t('webhook.when')}</dt>
        <dd>
          <time dateTime={delivery.createdAt}>{format.moment(delivery.createdAt)}</time>
        </dd>
        <dt>{t('webhook.outcome')}</dt>
        <dd>
          <ResultTag delivery={delivery} />
        </dd>
        <dt>{t('webhook.answer')}</dt>
        <dd>{delivery.responseStatus ?? t('webhook.noAnswer')}</dd>
        <dt>{t('webhook.attempts')}</dt>
        <dd>{format.number(delivery.attempts)}</dd>
        {delivery.status === 'QUEUED' && (
          <>
            <dt>{t('webhook.next')}</dt>
            <dd>{format.moment(delivery.nextAt)}</dd>
          </>
        )}
        <dt>webhook-id</dt>
        <dd className={css.whole}>{delivery.id}</dd>
      </dl>
      {delivery.problem && (
        <Alert color="red" mt="md" title={t('webhook.problem')} className={css.bad}>
          <span lang="en" className={css.whole}>
            {delivery.problem}
          </span>
        </Alert>
      )}
      <h3 className={css.part}>{t('webhook.payload')}</h3>
      <p className={css.partLead}>{t('webhook.payloadLead')}</p>
      <CopyBlock label={t('webhook.payload')} text={JSON.stringify(delivery.payload, null, 2)} />
      <Button mt="lg" variant="default" leftSection={<RotateCw size={15} aria-hidden />} disabled={disabled} onClick={onAgain}>
        {t('webhook.again')}
      </Button>
    </article>
  );
}
