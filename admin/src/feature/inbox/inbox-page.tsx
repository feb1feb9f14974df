import { Checkbox, Group, SegmentedControl } from '@mantine/core';
import { Inbox } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useQuery, useSubscription } from 'urql';
import { InboxDocument, InboxUnreadDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Page, Sheet } from '@/part/page';
import { Pager, usePages } from '@/part/pager';
import { Empty, Loading, Problem } from '@/part/state';
import { ThreadList } from './thread-list';

/** The staff's inbox: conversations with people who have accounts (P-22). It follows what changes. */
export default function InboxPage() {
  const { t } = useLocale();
  const { after, pages, go, reset } = usePages();
  const [closed, setClosed] = useState(false);
  const [mine, setMine] = useState(false);
  const [{ data, error }, reload] = useQuery({ query: InboxDocument, variables: { closed, mine, after }, requestPolicy: 'cache-and-network' });
  const [changes, setChanges] = useState(0);
  useSubscription({ query: InboxUnreadDocument }, (_, event) => {
    setChanges((n) => n + 1);
    return event;
  });
  useEffect(() => reload({ requestPolicy: 'network-only' }), [changes, reload]);
  const list = data?.inbox;
  return (
    <Page title={t('nav.inbox')} lead={t('inbox.lead')}>
      <Sheet>
        <Group gap="lg" mb="md">
          <SegmentedControl
            aria-label={t('inbox.which')}
            value={closed ? 'closed' : 'open'}
            onChange={(value) => {
              setClosed(value === 'closed');
              reset();
            }}
            data={[
              { value: 'open', label: t('inbox.open') },
              { value: 'closed', label: t('inbox.closedOnes') },
            ]}
          />
          <Checkbox
            label={t('inbox.mine')}
            checked={mine}
            onChange={(event) => {
              setMine(event.currentTarget.checked);
              reset();
            }}
          />
        </Group>
        {error && !list ? (
          <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
        ) : !list ? (
          <Loading />
        ) : list.nodes.length === 0 ? (
          <Empty icon={Inbox} title={t('inbox.empty')}>
            {t(mine ? 'inbox.emptyMine' : closed ? 'inbox.emptyClosed' : 'inbox.emptyText')}
          </Empty>
        ) : (
          <ThreadList rows={list.nodes} label={t('nav.inbox')} />
        )}
        {list && <Pager pages={pages} go={go} place={list.pageInfo} />}
      </Sheet>
    </Page>
  );
}
