import { ActionIcon, Button } from '@mantine/core';
import { X } from 'lucide-react';
import { useEffect, useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { ContactPicker } from '@/feature/contact/contact-picker';
import { useSession } from '@/feature/session/session';
import { HandMembersDocument, SetSegmentMembersDocument, type HandMemberFragment, type HandWay, type SetSegmentMembersInput } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Avatar } from '@/part/avatar';
import { Sheet } from '@/part/page';
import { Problem } from '@/part/state';
import css from './hand.module.css';

/** Says by hand who is in a segment and who is not; `done` is called after each change. */
export function useHands(segmentId: string, done: () => void) {
  const { t } = useLocale();
  const { send, busy } = useSend(SetSegmentMembersDocument);
  const ok = useTellErrors();
  const set = async (change: Omit<SetSegmentMembersInput, 'id'>): Promise<boolean> => {
    if (!ok(await send({ input: { id: segmentId, ...change } }))) return false;
    confirmDone(t('segment.hand.done'));
    done();
    return true;
  };
  return { set, busy };
}

interface Props {
  segmentId: string;
  /** Counts the changes that were made elsewhere on the page. */
  changes: number;
  hands: ReturnType<typeof useHands>;
}

/** Who was added to a segment, or excluded from it, by hand. */
export function HandMembers({ segmentId, changes, hands }: Props) {
  const { t } = useLocale();
  const { can } = useSession();
  const [id, setId] = useState('');
  const add = async (event: FormEvent) => {
    event.preventDefault();
    if (id !== '' && (await hands.set({ add: [id] }))) setId('');
  };
  return (
    <Sheet title={t('segment.hand.title')} lead={t('segment.hand.lead')}>
      {can('OPERATOR') && (
        <form className={css.add} onSubmit={(event) => void add(event)}>
          <ContactPicker label={t('segment.hand.add')} kind={null} required={false} value={id} onChange={setId} />
          <Button type="submit" variant="default" disabled={id === ''} loading={hands.busy}>
            {t('segment.hand.addButton')}
          </Button>
        </form>
      )}
      <div className={css.ways}>
        <Way segmentId={segmentId} way="ADDED" changes={changes} hands={hands} />
        <Way segmentId={segmentId} way="EXCLUDED" changes={changes} hands={hands} />
      </div>
    </Sheet>
  );
}

function Way({ segmentId, way, changes, hands }: Props & { way: HandWay }) {
  const { t, format } = useLocale();
  const [after, setAfter] = useState<string | null>(null);
  const [rows, setRows] = useState<HandMemberFragment[]>([]);
  const [{ data, error }, read] = useQuery({ query: HandMembersDocument, variables: { id: segmentId, way, after }, requestPolicy: 'network-only' });
  useEffect(() => {
    if (changes === 0) return;
    setAfter(null);
    read({ requestPolicy: 'network-only' });
  }, [changes, read]);
  const page = data?.segment?.handMembers;
  useEffect(() => {
    if (page) setRows((before) => (after === null ? page.nodes : [...before, ...page.nodes]));
    // A page is taken once, when it comes.
  }, [page]);
  if (error) return <Problem error={error} retry={() => read({ requestPolicy: 'network-only' })} />;
  const title = t(way === 'ADDED' ? 'segment.hand.added' : 'segment.hand.excluded');
  return (
    <section aria-label={title}>
      <h3 className={css.title}>
        {title} {page && <span className="dim">{format.number(page.totalCount)}</span>}
      </h3>
      <ul className={css.list}>
        {rows.map((row) => (
          <HandRow key={row.contact.id} row={row} hands={hands} />
        ))}
      </ul>
      {page?.pageInfo.hasNextPage && (
        <Button size="xs" variant="subtle" onClick={() => setAfter(page.pageInfo.endCursor)}>
          {t('segment.hand.more')}
        </Button>
      )}
    </section>
  );
}

function HandRow({ row, hands }: { row: HandMemberFragment; hands: Props['hands'] }) {
  const { t, format } = useLocale();
  const { can } = useSession();
  const { contact } = row;
  return (
    <li className={css.row}>
      <Avatar name={contact.displayName} kind={contact.kind} color={contact.color} size={26} />
      <Link to={`/contacts/${contact.id}`} className={css.name}>
        {contact.displayName}
      </Link>
      <span className={css.said}>{t('segment.hand.said', { who: row.saidBy, when: format.day(row.saidAt) })}</span>
      {can('OPERATOR') && (
        <ActionIcon disabled={hands.busy} onClick={() => void hands.set({ clear: [contact.id] })} aria-label={t('segment.hand.clear', { name: contact.displayName })}>
          <X size={15} aria-hidden />
        </ActionIcon>
      )}
    </li>
  );
}
