import { Alert, Anchor, Button, Drawer } from '@mantine/core';
import { CirclePause, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { useQuery } from 'urql';
import { confirmDone } from '@/api/send';
import { WebhookDocument, type WebhookFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Page, Sheet } from '@/part/page';
import { Pager, usePages } from '@/part/pager';
import { Loading, Problem } from '@/part/state';
import { useEvery } from '@/part/use-every';
import { Day } from '@/part/when';
import { DeliveryTable } from './delivery-table';
import { SecretView } from './secret-view';
import { TestOutcome } from './test-outcome';
import { useWebhookActions, WebhookActions } from './webhook-actions';
import { WebhookForm } from './webhook-form';
import { choosable, StateTag } from './words';
import css from './webhook.module.css';

const readAgain = 3_000;

/** One webhook: what it is told, how it fares, and what it was sent. */
export default function WebhookPage() {
  const { t } = useLocale();
  const { id = '' } = useParams();
  const { after, pages, go, reset } = usePages();
  const [{ data, error }, reload] = useQuery({ query: WebhookDocument, variables: { id, after }, requestPolicy: 'cache-and-network' });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  useEvery(readAgain, refresh);
  const [open, setOpen] = useState<'edit' | 'secret' | null>(null);
  const [secret, setSecret] = useState('');
  const [tested, setTested] = useState<string | null>(null);
  const webhook = data?.webhook;
  const actions = useWebhookActions({
    onSecret: (made) => {
      setSecret(made);
      setOpen('secret');
    },
    onTested: (delivery) => {
      setTested(delivery);
      reset();
    },
  });
  if (!webhook || (error && !data)) {
    return (
      <Page title={t('webhook.title')} back={{ to: '/settings/webhooks', label: t('webhook.title') }}>
        {error ? <Problem error={error} retry={refresh} /> : <Loading />}
      </Page>
    );
  }
  return (
    <Page
      title={webhook.name}
      back={{ to: '/settings/webhooks', label: t('webhook.title') }}
      heading={
        <span className={css.heading}>
          {webhook.name} <StateTag status={webhook.status} />
        </span>
      }
      actions={<WebhookActions webhook={webhook} actions={actions} onEdit={() => setOpen('edit')} />}
    >
      <Fares webhook={webhook} onResume={() => void actions.resume(webhook)} />
      <TestOutcome id={webhook.status === 'DISABLED' ? null : tested} onSettled={refresh} />
      <Told webhook={webhook} />
      <DeliveryTable deliveries={webhook.deliveries.nodes} disabled={webhook.status === 'DISABLED'} onChange={refresh}>
        <Pager pages={pages} go={go} place={webhook.deliveries.pageInfo} words={[t('webhook.newer'), t('webhook.older')]} />
      </DeliveryTable>
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        closeOnClickOutside={open !== 'secret'}
        onExitTransitionEnd={() => setSecret('')}
        title={open === 'secret' ? t('webhook.secret') : t('webhook.editTitle')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open === 'secret' && <SecretView secret={secret} onClose={() => setOpen(null)} />}
        {open === 'edit' && (
          <WebhookForm
            webhook={webhook}
            onClose={() => setOpen(null)}
            onSaved={() => {
              setOpen(null);
              confirmDone(t('form.saved'));
              refresh();
            }}
          />
        )}
      </Drawer>
    </Page>
  );
}

/** That nothing gets through, or nothing is sent, and why. */
function Fares({ webhook, onResume }: { webhook: WebhookFullFragment; onResume: () => void }) {
  const { t, format } = useLocale();
  if (webhook.status === 'FAILING' && webhook.failingSince) {
    return (
      <Alert color="red" mb="md" className={css.bad} icon={<TriangleAlert size={18} aria-hidden />} title={t('webhook.failing', { when: format.moment(webhook.failingSince) })}>
        {t('webhook.failingText')}
      </Alert>
    );
  }
  if (webhook.disabledAt && webhook.disabledReason) {
    return (
      <Alert color="gray" mb="md" icon={<CirclePause size={18} aria-hidden />} title={t('webhook.paused')} className={css.calm}>
        <p className={css.why}>{t(`webhook.pausedBy.${webhook.disabledReason}`, { when: format.moment(webhook.disabledAt) })}</p>
        <Button size="xs" variant="default" onClick={onResume}>
          {t('webhook.resume')}
        </Button>
      </Alert>
    );
  }
  return null;
}

function Told({ webhook }: { webhook: WebhookFullFragment }) {
  const { t } = useLocale();
  return (
    <Sheet title={t('webhook.settings')}>
      <dl className={css.facts}>
        <dt>{t('webhook.url')}</dt>
        <dd className={css.whole}>{webhook.url}</dd>
        <dt>{t('webhook.told')}</dt>
        <dd>
          {choosable.filter((event) => webhook.events.includes(event)).map((event) => (
            <div key={event}>{t(`webhook.event.${event}`)}</div>
          ))}
        </dd>
        {webhook.segments.length > 0 && (
          <>
            <dt>{t('webhook.segments')}</dt>
            <dd className={css.segments}>
              {webhook.segments.map(({ id, name }) => (
                <Anchor key={id} component={Link} to={`/segments/${id}`}>
                  {name}
                </Anchor>
              ))}
            </dd>
          </>
        )}
        <dt>{t('webhook.made')}</dt>
        <dd>
          <Day at={webhook.createdAt} />
        </dd>
      </dl>
    </Sheet>
  );
}
