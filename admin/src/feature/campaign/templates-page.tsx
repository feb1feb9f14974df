import { Anchor, Button } from '@mantine/core';
import { BookmarkCheck, Plus } from 'lucide-react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { TemplatesDocument } from '@/gql/graphql';
import { languageNames, type Language } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Page } from '@/part/page';
import { Pager, usePages } from '@/part/pager';
import { Empty, Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { Ago } from '@/part/when';
import { CampaignTabs } from './campaign-tabs';
import css from './campaign.module.css';

const inWords = (list: readonly string[]) => list.map((one) => languageNames[one as Language]).join(', ');

/** Texts that are kept by name, to begin campaigns with. */
export default function TemplatesPage() {
  const { t } = useLocale();
  const { after, pages, go } = usePages();
  const [{ data, error }, reload] = useQuery({ query: TemplatesDocument, variables: { after }, requestPolicy: 'cache-and-network' });
  const rows = data?.campaignTemplates.nodes ?? [];
  const add = (
    <Button component={Link} to="/campaigns/templates/new" leftSection={<Plus size={15} aria-hidden />}>
      {t('template.add')}
    </Button>
  );
  return (
    <Page title={t('template.title')} lead={t('template.lead')} actions={rows.length > 0 ? add : undefined}>
      <CampaignTabs />
      {error && !data ? (
        <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
      ) : !data ? (
        <Loading />
      ) : rows.length === 0 ? (
        <Empty icon={BookmarkCheck} title={t('template.empty')} action={add}>
          {t('template.emptyText')}
        </Empty>
      ) : (
        <DataTable
          label={t('template.title')}
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            {
              key: 'name',
              header: t('template.name'),
              phone: 'title',
              cell: (row) => (
                <Anchor component={Link} to={`/campaigns/templates/${row.id}`} className={css.name}>
                  {row.name}
                </Anchor>
              ),
            },
            {
              key: 'languages',
              header: t('template.languages'),
              cell: (row) => (
                <>
                  {inWords(row.texts.map(({ language }) => language))} {row.missingLanguages.length > 0 && <Tag tone="warn">{t('template.without', { languages: inWords(row.missingLanguages) })}</Tag>}
                </>
              ),
            },
            { key: 'by', header: t('campaign.by'), width: '10rem', cell: (row) => row.actorName },
            { key: 'at', header: t('campaign.at'), width: '9rem', cell: (row) => <Ago at={row.updatedAt} /> },
            {
              key: 'use',
              header: t('template.apply'),
              phone: 'actions',
              cell: (row) => (
                <Button size="compact-sm" variant="default" component={Link} to={`/campaigns/new?template=${row.id}`} aria-label={t('template.useNamed', { name: row.name })}>
                  {t('template.apply')}
                </Button>
              ),
            },
          ]}
        />
      )}
      {data && <Pager pages={pages} go={go} place={data.campaignTemplates.pageInfo} words={[t('campaign.newer'), t('campaign.older')]} />}
    </Page>
  );
}
