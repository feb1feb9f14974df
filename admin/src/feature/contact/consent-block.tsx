import { Button, Group, Modal, Radio, Select, Textarea } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { ContactConsentDocument, RecordConsentDocument, type ConsentChannel, type ConsentState, type ContactConsentQuery, type PurposeNameFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Stack } from '@/part/form';
import { Sheet } from '@/part/page';
import { Pager, usePages } from '@/part/pager';
import { Loading, Problem } from '@/part/state';
import { Tag, Tags } from '@/part/tag';
import { Day } from '@/part/when';
import { purposeName } from './purpose';

type Contact = NonNullable<ContactConsentQuery['contact']>;

const channels: readonly Exclude<ConsentChannel, 'ANY'>[] = ['EMAIL', 'SMS', 'POST', 'PHONE'];

/**
 * What a contact agreed to, by purpose and channel, and the ledger behind it. `changes` counts the
 * contact's changes from anywhere: each reads it anew.
 */
export function ConsentBlock({ id, changes }: { id: string; changes: number }) {
  const { t, language } = useLocale();
  const { can } = useSession();
  const [asked, setAsked] = useState<ConsentState | null>(null);
  const { after, pages, go } = usePages();
  const [{ data, error }, reload] = useQuery({ query: ContactConsentDocument, variables: { id, after } });
  useEffect(() => {
    if (changes > 0) reload({ requestPolicy: 'network-only' });
  }, [changes, reload]);

  if (error && !data) return <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />;
  if (!data) return <Loading />;
  if (!data.contact) return null;
  const { contact, consentPurposes } = data;
  return (
    <>
      <Sheet
        title={t('consent.title')}
        lead={t('consent.lead')}
        aside={
          can('OPERATOR') &&
          !contact.deletedAt && (
            <Group gap="xs">
              <Button variant="default" onClick={() => setAsked('GIVEN')}>{t('consent.give')}</Button>
              <Button variant="default" onClick={() => setAsked('WITHDRAWN')}>{t('consent.withdraw')}</Button>
            </Group>
          )
        }
      >
        <DataTable
          label={t('consent.title')}
          rows={consentPurposes}
          rowKey={(purpose) => purpose.id}
          columns={[
            { key: 'purpose', header: t('consent.purpose'), cell: (purpose) => purposeName(purpose, language), phone: 'title' },
            ...channels.map((channel) => ({
              key: channel,
              header: t(`consent.channel.${channel}`),
              width: '15%',
              cell: (purpose: PurposeNameFragment) => <State contact={contact} purpose={purpose} channel={channel} />,
            })),
          ]}
        />
      </Sheet>
      <Ledger contact={contact}>
        <Pager pages={pages} go={go} place={contact.consentHistory.pageInfo} />
      </Ledger>
      {asked && (
        <Say
          id={id}
          state={asked}
          purposes={consentPurposes}
          onClose={() => setAsked(null)}
          onDone={() => {
            setAsked(null);
            reload({ requestPolicy: 'network-only' });
          }}
        />
      )}
    </>
  );
}

function State({ contact, purpose, channel }: { contact: Contact; purpose: PurposeNameFragment; channel: ConsentChannel }) {
  const { t } = useLocale();
  const here = (one: { purpose: { id: string }; channel: ConsentChannel }) => one.purpose.id === purpose.id && one.channel === channel;
  const held = contact.consents.find(here);
  const pending = contact.pendingConsents.find(here);
  if (pending) {
    return (
      <Tags>
        <Tag>{t('consent.state.PENDING')}</Tag> <Day at={pending.since} />
      </Tags>
    );
  }
  if (!held) return <span className="dim">{t('consent.state.NONE')}</span>;
  return (
    <Tags>
      <Tag tone={held.state === 'GIVEN' ? 'accent' : 'warn'}>{t(`consent.state.${held.state}`)}</Tag> <Day at={held.since} />
    </Tags>
  );
}

function Ledger({ contact, children }: { contact: Contact; children: ReactNode }) {
  const { t, language, format } = useLocale();
  const { nodes } = contact.consentHistory;
  if (nodes.length === 0) return null;
  return (
    <Sheet title={t('consent.history')} lead={t('consent.historyLead')}>
      <DataTable
        label={t('consent.history')}
        rows={nodes}
        rowKey={(entry) => entry.id}
        columns={[
          { key: 'at', header: t('consent.at'), cell: (entry) => <time dateTime={entry.at}>{format.moment(entry.at)}</time>, phone: 'title' },
          {
            key: 'what',
            header: t('consent.what'),
            cell: (entry) =>
              [t(`consent.state.${entry.state}`), purposeName(entry.purpose, language), t(`consent.channel.${entry.channel}`), entry.askedAt && t('consent.asked', { at: format.moment(entry.askedAt) })]
                .filter(Boolean)
                .join(' · '),
          },
          {
            key: 'wording',
            header: t('consent.wording'),
            cell: (entry) => (entry.wordingVersion === null ? <span className="dim">{t('consent.noWording')}</span> : t('consent.version', { n: entry.wordingVersion, language: entry.wordingLanguage ?? '' })),
          },
          { key: 'source', header: t('consent.from'), cell: (entry) => [t(`consent.source.${entry.source}`), entry.actorName].filter(Boolean).join(' · ') },
          { key: 'note', header: t('consent.note'), cell: (entry) => entry.note },
        ]}
      />
      {children}
    </Sheet>
  );
}

interface SayProps {
  id: string;
  state: ConsentState;
  purposes: readonly PurposeNameFragment[];
  onClose: () => void;
  onDone: () => void;
}

/** Writes down what the contact said. */
function Say({ id, state, purposes, onClose, onDone }: SayProps) {
  const { t, language } = useLocale();
  const { send, busy } = useSend(RecordConsentDocument);
  const ok = useTellErrors();
  const [purposeId, setPurpose] = useState(purposes[0]?.id ?? '');
  const [channel, setChannel] = useState<ConsentChannel>('ANY');
  const [note, setNote] = useState('');
  const save = async () => {
    if (ok(await send({ input: { contactId: id, purposeId, channel, state, note } }))) onDone();
  };
  return (
    <Modal opened onClose={onClose} title={t(state === 'GIVEN' ? 'consent.giveTitle' : 'consent.withdrawTitle')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack>
          {purposes.length > 1 && (
            <Select
              label={t('consent.purpose')}
              allowDeselect={false}
              value={purposeId}
              onChange={(value) => value && setPurpose(value)}
              data={purposes.map((purpose) => ({ value: purpose.id, label: purposeName(purpose, language) }))}
            />
          )}
          <Radio.Group label={t('consent.by')} value={channel} onChange={(value) => setChannel(value as ConsentChannel)}>
            {(['ANY', ...channels] as const).map((one) => (
              <Radio key={one} value={one} mt="xs" label={t(`consent.channel.${one}`)} />
            ))}
          </Radio.Group>
          <Textarea label={t('consent.note')} description={t('consent.noteHelp')} maxLength={2000} autosize minRows={2} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
          <Button type="submit" loading={busy}>
            {t(state === 'GIVEN' ? 'consent.give' : 'consent.withdraw')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
