import { Anchor, Button } from '@mantine/core';
import { Megaphone, Plus, Search } from 'lucide-react';
import { Link, useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import { NoMailServer } from '@/feature/mail/no-mail-server';
import { CampaignsDocument, type CampaignStatus } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { OptionalSelect } from '@/part/optional-select';
import { Page } from '@/part/page';
import { Pager, usePages } from '@/part/pager';
import { SearchInput } from '@/part/search-input';
import { Empty, Loading, Problem } from '@/part/state';
import { useEvery } from '@/part/use-every';
import { Ago } from '@/part/when';
import { CampaignTabs } from './campaign-tabs';
import { CampaignState } from './words';
import css from './campaign.module.css';

const readAgain = 5_000;

const statuses: CampaignStatus[] = ['DRAFT', 'QUEUED', 'SENDING', 'PAUSED', 'DONE', 'CANCELLED'];

/** What the address of the page says of the list. */
function useListParams() {
  const [params, setParams] = useSearchParams();
  const search = params.get('search') ?? '';
  const status: CampaignStatus | '' = statuses.find((one) => one === params.get('status')) ?? '';
  const set = (name: 'search' | 'status', value: string) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  return { search, status, set, narrowed: search !== '' || status !== '', clear: () => setParams({}, { replace: true }) };
}

/** What was written once and sent to many (P-21). */
export default function CampaignsPage() {
  const { t, tn, format } = useLocale();
  const { search, status, set, narrowed, clear } = useListParams();
  const { after, pages, go, reset } = usePages();
  const [{ data, error, operation }, reload] = useQuery({
    query: CampaignsDocument,
    variables: { search, statuses: status ? [status] : null, after },
    requestPolicy: 'cache-and-network',
  });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  useEvery(readAgain, refresh);
  const rows = data?.campaigns.nodes ?? [];
  const answered = operation?.variables.search === search && (operation.variables.statuses?.[0] ?? '') === status; // not what another search found
  const bare = data && answered && rows.length === 0 && !narrowed; // there is nothing to search in
  const ask = (name: 'search' | 'status', value: string) => {
    reset();
    set(name, value);
  };
  const add = (
    <Button component={Link} to="/campaigns/new" leftSection={<Plus size={15} aria-hidden />}>
      {t('campaign.add')}
    </Button>
  );
  return (
    <Page title={t('nav.campaigns')} lead={t('campaign.lead')} actions={rows.length > 0 || narrowed ? add : undefined}>
      <CampaignTabs />
      {data && !data.mailConfigured && (
        <NoMailServer>{t('campaign.noMailServer')}</NoMailServer>
      )}
      {!bare && (
        <div className={css.tools} role="search" aria-label={t('campaign.find')}>
          <SearchInput className={css.search} aria-label={t('campaign.search')} placeholder={t('campaign.search')} data-page-search value={search} onChange={(text) => ask('search', text)} />
          <OptionalSelect
            className={css.state}
            aria-label={t('campaign.state')}
            placeholder={t('campaign.anyState')}
            data={statuses.map((value) => ({ value, label: t(`campaign.status.${value}`) }))}
            value={status}
            onChange={(value) => ask('status', value)}
          />
        </div>
      )}
      {error && !data ? (
        <Problem error={error} retry={refresh} />
      ) : !data || (rows.length === 0 && !answered) ? (
        <Loading />
      ) : rows.length === 0 && narrowed ? (
        <Empty
          icon={Search}
          title={t('campaign.none')}
          action={
            <Button
              variant="default"
              onClick={() => {
                reset();
                clear();
              }}
            >
              {t('campaign.showAll')}
            </Button>
          }
        >
          {t('campaign.noneText')}
        </Empty>
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
