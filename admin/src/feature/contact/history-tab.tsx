import { Anchor, Button, Checkbox, Group } from '@mantine/core';
import { History, Undo2 } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { Link } from 'react-router';
import { useClient, type CombinedError } from 'urql';
import { useUndoMerge } from '@/feature/duplicate/use-merge';
import { useSession } from '@/feature/session/session';
import { ContactHistoryDocument, GatheredHistoryDocument, type ContactKind, type HistoryPageFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { Changes } from './history-changes';
import { useRevert } from './revert';
import css from './history-tab.module.css';

type Entry = HistoryPageFragment['nodes'][number];

function useHistory(id: string, changes: number, people: boolean, subsidiaries: boolean) {
  const client = useClient();
  const [entries, setEntries] = useState<Entry[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [error, setError] = useState<CombinedError | null>(null);
  const read = useCallback(
    async (after: string | null) => {
      const context = { requestPolicy: 'network-only' } as const;
      const gathered = people || subsidiaries;
      const answer = gathered
        ? await client.query(GatheredHistoryDocument, { id, after, people, subsidiaries }, context).toPromise()
        : await client.query(ContactHistoryDocument, { id, after }, context).toPromise();
      const contact = answer.data?.contact;
      const page = contact && 'history' in contact ? contact.history : undefined;
      setError(answer.error ?? null);
      if (!page) return;
      setEntries((before) => (after && before ? [...before, ...page.nodes] : page.nodes));
      setCursor(page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);
    },
    [client, id, people, subsidiaries],
  );
  // Each change of the contact is an entry here.
  useEffect(() => void read(null), [read, changes]);
  return { entries, error, more: cursor === null ? null : () => void read(cursor) };
}

interface Props {
  id: string;
  kind: ContactKind;
  changes: number;
  frozen: boolean;
}

/** Who changed what, when and from where, with the values before and after. An organization's gathers those of its people, and of its subsidiaries on request (S-21, G-29). */
export function HistoryTab({ id, kind, changes, frozen }: Props) {
  const { t } = useLocale();
  const { can } = useSession();
  const [people, setPeople] = useState(false);
  const [subsidiaries, setSubsidiaries] = useState(false);
  const { entries, error, more } = useHistory(id, changes, people, subsidiaries);
  if (error && !entries) return <Problem error={error} />;
  if (!entries) return <Loading />;
  if (entries.length === 0) return <Empty icon={History} title={t('contact.history.empty')} />;
  return (
    <Sheet title={t('contact.tab.history')}>
      {kind === 'ORGANIZATION' && (
        <Group gap="lg" mb="md">
          <Checkbox label={t('contact.history.people')} checked={people} onChange={(event) => setPeople(event.currentTarget.checked)} />
          <Checkbox label={t('contact.history.subsidiaries')} checked={subsidiaries} onChange={(event) => setSubsidiaries(event.currentTarget.checked)} />
        </Group>
      )}
      <ol className={css.list}>
        {entries.map((entry) => (
          <HistoryItem key={entry.id} entry={entry} entries={entries} whose={entry.contactId !== id} mayUndoMerge={!frozen && can('OPERATOR')} mayRevert={!frozen && entry.contactId === id && can('OPERATOR')} />
        ))}
      </ol>
      {more && (
        <Button variant="default" mt="md" onClick={more}>
          {t('action.more')}
        </Button>
      )}
    </Sheet>
  );
}

/** Whether an entry tells of a merge that still stands; of its two entries, the contacts' own, the newer. */
function isMerge(entry: Entry, entries: readonly Entry[]): boolean {
  if (entry.action !== 'merged' || !entry.mergeId) return false;
  return entries.find((other) => other.mergeId === entry.mergeId) === entry;
}

interface ItemProps {
  entry: Entry;
  entries: readonly Entry[];
  /** Whether it is another contact's, whose name is told then. */
  whose: boolean;
  /** Whether a merge may be undone, of which either contact has an entry. */
  mayUndoMerge: boolean;
  mayRevert: boolean;
}

function HistoryItem({ entry, entries, whose, mayUndoMerge, mayRevert }: ItemProps) {
  const { t, known, format } = useLocale();
  const { revert, busy } = useRevert();
  const { undo, busy: parting } = useUndoMerge();
  const reverted = entries.find((other) => other.id === entry.reverts);
  const action = known('contact.history.action', entry.action) ?? entry.action;
  const surface = known('contact.history.surface', entry.surface) ?? entry.surface;
  return (
    <li className={css.entry}>
      <div className={css.head}>
        <strong>{entry.actorName || t('contact.history.nobody')}</strong>
        {entry.onBehalf && <Tag tone="info">{t('contact.history.onBehalf')}</Tag>}
        <span>{action}</span>
        {whose && entry.contact && (
          <Anchor component={Link} to={`/contacts/${entry.contactId}`} size="sm">
            {entry.contact.displayName}
          </Anchor>
        )}
        {reverted && <span className={css.meta}>({format.moment(reverted.at)})</span>}
        <span className={css.meta}>
          {surface} · <time dateTime={entry.at}>{format.moment(entry.at)}</time>
        </span>
      </div>
      <Changes json={entry.changes} born={entry.action === 'created'} />
      {mayRevert && entry.revertible && (
        <Button
          className={css.revert}
          size="compact-xs"
          variant="subtle"
          loading={busy}
          leftSection={<Undo2 size={13} aria-hidden />}
          aria-label={t('contact.history.revertOf', { when: format.moment(entry.at) })}
          onClick={() => void revert(entry)}
        >
          {t('contact.history.revert')}
        </Button>
      )}
      {mayUndoMerge && isMerge(entry, entries) && (
        <Button
          className={css.revert}
          size="compact-xs"
          variant="subtle"
          loading={parting}
          leftSection={<Undo2 size={13} aria-hidden />}
          onClick={() => void undo(entry.mergeId ?? '')}
        >
          {t('duplicate.undoMerge')}
        </Button>
      )}
    </li>
  );
}
