import { Anchor, Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { useSession } from '@/feature/session/session';
import { ContactMailingsDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { Ago } from '@/part/when';
import { RecipientTag } from './words';
import css from './campaign.module.css';

/** The campaigns that a contact was meant by (S-57). */
export function MailingBlock({ id, changes }: { id: string; changes: number }) {
  const { t } = useLocale();
  const { can } = useSession();
  const [pages, setPages] = useState<string[]>([]); // the cursors that led here
  const [{ data, error }, reload] = useQuery({ query: ContactMailingsDocument, variables: { id, after: pages.at(-1) ?? null, changes }, requestPolicy: 'cache-and-network' });
  const list = data?.contact && 'mailings' in data.contact ? data.contact.mailings : undefined;
  return (
    <Sheet title={t('campaign.mailings')}>
      {error && !list ? (
        <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
      ) : !list ? (
        <Loading lines={2} />
      ) : list.nodes.length === 0 ? (
        <p className="dim">{t('campaign.noMailings')}</p>
      ) : (
        <DataTable
          label={t('campaign.mailings')}
          rows={list.nodes}
          rowKey={(row) => row.campaignId}
          columns={[
            {
              key: 'name',
              header: t('campaign.name'),
              phone: 'title',
              cell: (row) =>
                can('MANAGER') ? (
                  <Anchor component={Link} to={`/campaigns/${row.campaignId}`} className={css.name}>
                    {row.name}
                  </Anchor>
                ) : (
                  <span className={css.name}>{row.name}</span>
                ),
            },
            { key: 'address', header: t('campaign.address'), cell: (row) => <span className={css.name}>{row.address}</span> },
            { key: 'state', header: t('campaign.state'), cell: (row) => <RecipientTag recipient={row} /> },
            { key: 'at', header: t('campaign.at'), width: '9rem', cell: (row) => (row.settledAt ?? row.beganAt ? <Ago at={row.settledAt ?? row.beganAt ?? ''} /> : null) },
          ]}
        />
      )}
      {list && (pages.length > 0 || list.pageInfo.hasNextPage) && (
        <div className={css.pager}>
          <Button variant="default" disabled={pages.length === 0} onClick={() => setPages(pages.slice(0, -1))}>
            {t('campaign.newer')}
          </Button>
          <Button variant="default" disabled={!list.pageInfo.hasNextPage} onClick={() => list.pageInfo.endCursor && setPages([...pages, list.pageInfo.endCursor])}>
            {t('campaign.older')}
          </Button>
        </div>
      )}
    </Sheet>
  );
}
