import { Anchor, Button, Drawer } from '@mantine/core';
import { History } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { CatalogueHistoryDocument, type CatalogueHistoryQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { Pager, usePages } from '@/part/pager';
import { Empty, Loading, Problem } from '@/part/state';
import { Ago } from '@/part/when';
import css from './catalogue.module.css';

type Entry = CatalogueHistoryQuery['catalogueHistory']['nodes'][number];

/** What became of one event or product, and by whom; nothing where nothing has. */
export function CatalogueHistory({ of }: { of: string }) {
  const { t } = useLocale();
  const [{ data }] = useQuery({ query: CatalogueHistoryDocument, variables: { of }, requestPolicy: 'cache-and-network' });
  const entries = data?.catalogueHistory.nodes ?? [];
  if (entries.length === 0) return null;
  return (
    <Sheet title={t('catalogue.history')}>
      <Entries entries={entries} />
    </Sheet>
  );
}

/** Opens what became of all events and products, those that are gone too. */
export function CatalogueHistoryButton() {
  const { t } = useLocale();
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button variant="default" leftSection={<History size={15} aria-hidden />} onClick={() => setOpened(true)}>
        {t('catalogue.history')}
      </Button>
      <Drawer opened={opened} onClose={() => setOpened(false)} title={t('catalogue.historyOfAll')} closeButtonProps={{ 'aria-label': t('action.close') }}>
        <All />
      </Drawer>
    </>
  );
}

function All() {
  const { t } = useLocale();
  const pages = usePages();
  const [{ data, error }, reload] = useQuery({ query: CatalogueHistoryDocument, variables: { of: null, after: pages.after }, requestPolicy: 'cache-and-network' });
  if (error && !data) return <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />;
  if (!data) return <Loading />;
  const { nodes, pageInfo } = data.catalogueHistory;
  if (nodes.length === 0) return <Empty icon={History} title={t('catalogue.noHistory')} />;
  return (
    <>
      <Entries entries={nodes} named />
      <Pager pages={pages.pages} go={pages.go} place={pageInfo} />
    </>
  );
}

function Entries({ entries, named = false }: { entries: readonly Entry[]; named?: boolean }) {
  const { t } = useLocale();
  const gone = new Set(entries.filter(({ action }) => action === 'DELETED').map(({ subjectId }) => subjectId));
  return (
    <ol className={css.entries}>
      {entries.map((entry) => (
        <li key={entry.id} className={css.entry}>
          {named &&
            (gone.has(entry.subjectId) ? (
              <strong>{entry.name}</strong>
            ) : (
              <Anchor component={Link} to={`/${entry.subject === 'EVENT' ? 'events' : 'catalogue'}/${entry.subjectId}`} c="inherit" fw={600}>
                {entry.name}
              </Anchor>
            ))}
          <span>{t(`catalogue.did.${entry.action}`, { who: entry.actorName || t('event.organizer') })}</span>
          <span className={css.when}>
            <Ago at={entry.at} />
          </span>
          {entry.reason && <q className={css.reason}>{entry.reason}</q>}
        </li>
      ))}
    </ol>
  );
}
