import { Anchor, Button, Checkbox } from '@mantine/core';
import { PenLine } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { useSession } from '@/feature/session/session';
import { ContactMailingsDocument, type ContactFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Pager, usePages } from '@/part/pager';
import { Loading, Problem } from '@/part/state';
import { Ago } from '@/part/when';
import { MessageDialog } from './message-dialog';
import { RecipientTag } from './words';
import css from './campaign.module.css';

/** What a contact was sent or meant by (S-57); an organization's gathers that of its people on request (S-21). Staff write to it here. */
export function MailingBlock({ contact, changes }: { contact: ContactFullFragment; changes: number }) {
  const { t } = useLocale();
  const { can } = useSession();
  const { after, pages, go, reset } = usePages();
  const [gather, setGather] = useState({ people: false, subsidiaries: false });
  const [writing, setWriting] = useState(false);
  const organization = contact.kind === 'ORGANIZATION';
  const [{ data, error }, reload] = useQuery({ query: ContactMailingsDocument, variables: { id: contact.id, after, ...gather, changes }, requestPolicy: 'cache-and-network' });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const list = data?.contact && 'mailings' in data.contact ? data.contact.mailings : undefined;
  const gathers = (change: Partial<typeof gather>) => {
    setGather({ ...gather, ...change });
    reset();
  };
  return (
    <Sheet
      title={t('campaign.mailings')}
      aside={
        can('OPERATOR') &&
        !contact.deletedAt && (
          <Button variant="default" leftSection={<PenLine size={15} aria-hidden />} onClick={() => setWriting(true)}>
            {t('campaign.write')}
          </Button>
        )
      }
    >
      <MessageDialog contact={contact} opened={writing} onClose={() => setWriting(false)} onSent={refresh} />
      {organization && (
        <div className={css.reached_by}>
          <Checkbox label={t('contact.history.people')} checked={gather.people} onChange={(event) => gathers({ people: event.currentTarget.checked })} />
          <Checkbox label={t('contact.history.subsidiaries')} checked={gather.subsidiaries} onChange={(event) => gathers({ subsidiaries: event.currentTarget.checked })} />
        </div>
      )}
      {error && !list ? (
        <Problem error={error} retry={refresh} />
      ) : !list ? (
        <Loading lines={2} />
      ) : list.nodes.length === 0 ? (
        <p className="dim">{t('campaign.noMailings')}</p>
      ) : (
        <DataTable
          label={t('campaign.mailings')}
          rows={list.nodes}
          rowKey={(row) => `${row.id} ${row.contactId}`}
          columns={[
            {
              key: 'name',
              header: t('campaign.name'),
              phone: 'title',
              cell: (row) =>
                can('MANAGER') && row.campaignId ? (
                  <Anchor component={Link} to={`/campaigns/${row.campaignId}`} className={css.name}>
                    {row.name}
                  </Anchor>
                ) : (
                  <span className={css.name}>{row.name}</span>
                ),
            },
            ...(gather.people || gather.subsidiaries
              ? [
                  {
                    key: 'contact',
                    header: t('campaign.contact'),
                    cell: (row: (typeof list.nodes)[number]) =>
                      row.contact ? (
                        <Anchor component={Link} to={`/contacts/${row.contact.id}`} className={css.name}>
                          {row.contact.displayName}
                        </Anchor>
                      ) : (
                        <span className="dim">{t('campaign.gone')}</span>
                      ),
                  },
                ]
              : []),
            { key: 'kind', header: t('campaign.kindName'), cell: (row) => `${t(`campaign.channel.${row.channel}`)} · ${t(`campaign.kind.${row.kind}`)}` },
            { key: 'address', header: t('campaign.address'), cell: (row) => row.address && <span className={css.name}>{row.address}</span> },
            { key: 'state', header: t('campaign.state'), cell: (row) => <RecipientTag recipient={row} /> },
            { key: 'at', header: t('campaign.at'), width: '8rem', cell: (row) => (row.settledAt ?? row.beganAt ? <Ago at={row.settledAt ?? row.beganAt ?? ''} /> : null) },
          ]}
        />
      )}
      {list && <Pager pages={pages} go={go} place={list.pageInfo} />}
    </Sheet>
  );
}
