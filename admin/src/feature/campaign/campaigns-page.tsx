import { Anchor, Button } from '@mantine/core';
import { Megaphone, Plus } from 'lucide-react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { NoMailServer } from '@/feature/mail/no-mail-server';
import { CampaignsDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Page } from '@/part/page';
import { Pager, usePages } from '@/part/pager';
import { Empty, Loading, Problem } from '@/part/state';
import { useEvery } from '@/part/use-every';
import { Ago } from '@/part/when';
import { CampaignTabs } from './campaign-tabs';
import { CampaignState } from './words';
import css from './campaign.module.css';

const readAgain = 5_000;

/** What was written once and sent to many (P-21). */
export default function CampaignsPage() {
  const { t, tn, format } = useLocale();
  const { after, pages, go } = usePages();
  const [{ data, error }, reload] = useQuery({ query: CampaignsDocument, variables: { after }, requestPolicy: 'cache-and-network' });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  useEvery(readAgain, refresh);
  const rows = data?.campaigns.nodes ?? [];
  const add = (
    <Button component={Link} to="/campaigns/new" leftSection={<Plus size={15} aria-hidden />}>
      {t('campaign.add')}
    </Button>
  );
  return (
    <Page title={t('nav.campaigns')} lead={t('campaign.lead')} actions={rows.length > 0 ? add : undefined}>
      <CampaignTabs />
      {data && !data.mailConfigured && (
        <NoMailServer>{t('campaign.noMailServer')}</NoMailServer>
      )}
      {error && !data ? (
        <Problem error={error} retry={refresh} />
      ) : !data ? (
        <Loading />
      ) : rows.length === 0 ? (
        <Empty icon={Megaphone} title={t('campaign.empty')} action={add}>
          {t('campaign.emptyText')}
        </Empty>
      ) : (
        <DataTable
          label={t('nav.campaigns')}
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            {
              key: 'name',
              header: t('campaign.name'),
              phone: 'title',
              cell: (row) => (
                <Anchor component={Link} to={`/campaigns/${row.id}`} className={css.name}>
                  {row.name}
                </Anchor>
              ),
            },
            { key: 'channel', header: t('campaign.channelName'), width: '8rem', cell: (row) => t(`campaign.channel.${row.channel}`) },
            { key: 'state', header: t('campaign.state'), width: '8rem', cell: (row) => <CampaignState status={row.status} /> },
            {
              key: 'sent',
              header: t('campaign.count.sent'),
              width: '11rem',
              cell: (row) =>
                row.total === 0 ? (
                  <span className="dim">–</span>
                ) : (
                  <>
                    {t('campaign.sentOf', { sent: row.sent, total: row.total - row.leftOut })}
                    {row.opened > 0 && <div className="dim">{t('campaign.seen', { opened: row.opened, clicked: row.clicked })}</div>}
                    {row.failed > 0 && <div className="dim">{tn('campaign.some.failed', row.failed)}</div>}
                    {row.uncertain > 0 && <div className="dim">{tn('campaign.some.uncertain', row.uncertain)}</div>}
                  </>
                ),
            },
            { key: 'by', header: t('campaign.by'), width: '10rem', cell: (row) => row.actorName },
            { key: 'at', header: t('campaign.at'), width: '9rem', cell: (row) => (row.status === 'QUEUED' && row.sendAt ? format.moment(row.sendAt) : <Ago at={row.startedAt ?? row.createdAt} />) },
          ]}
        />
      )}
      {data && <Pager pages={pages} go={go} place={data.campaigns.pageInfo} words={[t('campaign.newer'), t('campaign.older')]} />}
    </Page>
  );
}
