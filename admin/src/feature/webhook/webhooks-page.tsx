import { Anchor, Button, Drawer } from '@mantine/core';
import { Plus, Webhook } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { SettingsFrame } from '@/feature/setting/settings-frame';
import { WebhooksDocument, type WebhooksQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { useEvery } from '@/part/use-every';
import { Ago } from '@/part/when';
import { SecretView } from './secret-view';
import { WebhookForm } from './webhook-form';
import { ResultTag, StateTag, useTells } from './words';
import css from './webhook.module.css';

type Row = WebhooksQuery['webhooks'][number];

const most = 50;
const readAgain = 5_000;

/** The addresses that are told what happens, and how they fare. */
export default function WebhooksPage() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: WebhooksDocument, requestPolicy: 'cache-and-network' });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  useEvery(readAgain, refresh);
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const close = () => setAdding(false);
  const rows = data?.webhooks ?? [];
  const full = rows.length >= most;
  const add = (
    <Button variant={rows.length === 0 ? 'filled' : 'default'} leftSection={<Plus size={15} aria-hidden />} disabled={full} onClick={() => setAdding(true)}>
      {t('webhook.add')}
    </Button>
  );
  return (
    <SettingsFrame title={t('setting.tab.webhooks')}>
      {error && !data ? (
        <Problem error={error} retry={refresh} />
      ) : !data ? (
        <Loading />
      ) : rows.length === 0 ? (
        <Empty icon={Webhook} title={t('webhook.empty')} action={add}>
          {t('webhook.emptyText')}
        </Empty>
      ) : (
        <Sheet title={t('webhook.title')} lead={t('webhook.lead')} aside={add}>
          {full && <p className="dim">{t('webhook.most', { n: most })}</p>}
          <WebhookTable rows={rows} />
        </Sheet>
      )}
      <Drawer
        opened={adding}
        onClose={close}
        onExitTransitionEnd={() => setSecret(null)}
        closeOnClickOutside={secret === null}
        title={secret === null ? t('webhook.add') : t('webhook.secret')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {secret !== null ? (
          <SecretView secret={secret} onClose={close} />
        ) : (
          <WebhookForm
            webhook={null}
            onClose={close}
            onSaved={(made) => {
              setSecret(made);
              refresh();
            }}
          />
        )}
      </Drawer>
    </SettingsFrame>
  );
}

function WebhookTable({ rows }: { rows: Row[] }) {
  const { t } = useLocale();
  const tells = useTells();
  return (
    <DataTable
      label={t('webhook.title')}
      rows={rows}
      rowKey={(row) => row.id}
      faded={(row) => row.status === 'DISABLED'}
      columns={[
        {
          key: 'name',
          header: t('webhook.name'),
          phone: 'title',
          cell: (row) => (
            <span className={css.names}>
              <Anchor component={Link} to={`/settings/webhooks/${row.id}`} className={css.name}>
                {row.name}
              </Anchor>
              <span className={css.address} title={row.url}>
                {row.url}
              </span>
            </span>
          ),
        },
        { key: 'told', header: t('webhook.told'), width: '11rem', cell: (row) => tells(row).map((line) => <div key={line}>{line}</div>) },
        { key: 'state', header: t('webhook.state'), width: '6rem', cell: (row) => <StateTag status={row.status} /> },
        { key: 'last', header: t('webhook.last'), width: '11.5rem', cell: (row) => <Last delivery={row.lastDelivery} /> },
      ]}
    />
  );
}

function Last({ delivery }: { delivery: Row['lastDelivery'] }) {
  const { t } = useLocale();
  if (!delivery) return <span className="dim">{t('webhook.never')}</span>;
  return (
    <span className={css.last}>
      <ResultTag delivery={delivery} />
      <span className="dim">
        <Ago at={delivery.deliveredAt ?? delivery.createdAt} />
      </span>
    </span>
  );
}
