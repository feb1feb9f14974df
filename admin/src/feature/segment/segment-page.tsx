import { ActionIcon, Anchor, Button, Menu } from '@mantine/core';
import { ArrowDownLeft, ArrowUpRight, CircleHelp, Ellipsis, Layers, Pencil, RefreshCw, Trash2, UserMinus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useQuery } from 'urql';
import { tell, useSend, useTellErrors } from '@/api/send';
import { BatchButton } from '@/feature/batch/batch-button';
import { MessageButton } from '@/feature/campaign/message-button';
import { ContactTable } from '@/feature/contact/contact-table';
import type { ListSorting } from '@/feature/contact/list-params';
import { useContactPages } from '@/feature/contact/use-contact-pages';
import { ExportButton } from '@/feature/export/export-button';
import { useSession } from '@/feature/session/session';
import { DeleteSegmentDocument, SegmentDocument, type SegmentFullFragment, type SegmentMovesSubscription, type SegmentQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { LiveNumber } from '@/part/live-number';
import { Page } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { Dot } from '@/part/tag';
import { BrokenBanner } from './broken-banner';
import { ExplainDialog } from './explain-dialog';
import { HandMembers, useHands } from './hand-members';
import { HistoryCard } from './history-card';
import { useMoves, type Reread, type Move } from './use-moves';
import css from './segment.module.css';

/** A segment at work: its count, who comes and goes, and its members, all as they are now. */
export default function SegmentPage() {
  const { t } = useLocale();
  const { id = '' } = useParams();
  const [{ data, error }, reload] = useQuery({ query: SegmentDocument, variables: { id } });
  const back = { to: '/segments', label: t('nav.segments') };
  const segment = data?.segment;
  if (!segment) {
    return (
      <Page title={t('nav.segments')} back={back}>
        {error ? <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} /> : data ? <Empty icon={Layers} title={t('segment.gone')} /> : <Loading />}
      </Page>
    );
  }
  return (
    <Page
      title={segment.name}
      heading={<Dot color={segment.color} whole>{segment.name}</Dot>}
      lead={segment.description}
      back={back}
      width="full"
      actions={<Actions segment={segment} />}
    >
      <BrokenBanner broken={segment.broken} />
      {segment.usedBy.length > 0 && <UsedBy segments={segment.usedBy} />}
      <Live key={id} segment={segment} reread={() => reload({ requestPolicy: 'network-only' })} />
    </Page>
  );
}

/** The segments whose rules refer to this one. */
function UsedBy({ segments }: { segments: readonly { id: string; name: string }[] }) {
  const { t } = useLocale();
  return (
    <p className={css.usedBy}>
      {t('segment.usedBy')}:{' '}
      {segments.map(({ id, name }, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <Anchor component={Link} to={`/segments/${id}`}>
            {name}
          </Anchor>
        </span>
      ))}
    </p>
  );
}

type Event = SegmentMovesSubscription['segmentChanged'];

function Live({ segment, reread }: { segment: SegmentFullFragment; reread: () => void }) {
  const { t, format } = useLocale();
  const [order, setOrder] = useState<ListSorting>({ by: 'NAME', direction: 'ASC' });
  const matching = useMemo(() => ({ segmentId: segment.id }), [segment.id]);
  const pages = useContactPages(matching, order);
  const [lit, setLit] = useState<ReadonlySet<string>>(new Set());
  const [newcomers, setNewcomers] = useState(0);
  const [asked, setAsked] = useState<{ id: string; displayName: string } | null>(null);
  const [changes, setChanges] = useState(0);
  const hands = useHands(segment.id, () => setChanges((count) => count + 1));

  const onEvent = (event: Event) => {
    if (event.resync) {
      reread(); // the rule may be another one, or broken now
      return pages.reload();
    }
    const gone = new Set(event.left);
    const updated = new Map(event.updated.map((contact) => [contact.id, contact]));
    if (gone.size + updated.size > 0) pages.patch((rows) => rows.filter((row) => !gone.has(row.id)).map((row) => updated.get(row.id) ?? row));
    if (event.entered.length === 0) {
      // Somebody who came and went at once may be on a list that was read in between.
      if (!pages.more && pages.rows.filter((row) => !gone.has(row.id)).length > event.count) pages.reload();
      return;
    }
    setLit(new Set(event.entered.map((contact) => contact.id)));
    // A list read further than its first page is left where it is; the reader decides.
    if (pages.more && window.scrollY > 600) setNewcomers((count) => count + event.entered.length);
    else pages.reload();
  };
  const { count, moves, version } = useMoves(segment.id, onEvent, (id) => pages.rows.find((row) => row.id === id)?.displayName);

  return (
    <>
      <div className={css.top}>
        <div className={css.card} data-version={version}>
          <span className={css.big}>
            <LiveNumber value={count ?? segment.count} announce label={t('segment.members')} />
          </span>
          <span className={css.live}>
            <span className={css.liveDot} aria-hidden />
            {t('segment.membersNow')}
          </span>
        </div>
        <section className={css.card} aria-label={t('segment.feed')}>
          <h2 className={css.feedTitle}>{t('segment.feed')}</h2>
          {moves.length === 0 ? (
            <p className="dim">{t('segment.feedEmpty')}</p>
          ) : (
            <ol className={css.feed} tabIndex={0} aria-label={t('segment.feed')}>
              {moves.map((move) => (
                <MoveItem key={move.key} move={move} time={format.moment(move.at)} />
              ))}
            </ol>
          )}
        </section>
      </div>
      <HistoryCard segment={segment} now={count ?? segment.count} />
      {newcomers > 0 && (
        <Button
          variant="light"
          fullWidth
          mb="sm"
          leftSection={<RefreshCw size={15} aria-hidden />}
          onClick={() => {
            setNewcomers(0);
            window.scrollTo({ top: 0 });
            pages.reload();
          }}
        >
          {t('segment.showNew', { n: newcomers })}
        </Button>
      )}
      {pages.error && pages.rows.length === 0 ? (
        <Problem error={pages.error} retry={pages.reload} />
      ) : pages.rows.length === 0 ? (
        pages.fresh ? <Loading lines={8} /> : <Empty icon={Layers} title={t('segment.nobody')} />
      ) : (
        <ContactTable
          label={t('segment.members')}
          rows={pages.rows}
          order={{ value: order, onChange: setOrder }}
          onNearEnd={pages.loadMore}
          stale={false}
          lit={lit}
          menu={(row) => <MemberMenu contact={row} explain={setAsked} exclude={(id) => void hands.set({ exclude: [id] })} />}
        />
      )}
      <HandMembers segmentId={segment.id} changes={changes} hands={hands} />
      <ExplainDialog segmentId={segment.id} contact={asked} onClose={() => setAsked(null)} />
    </>
  );
}

interface MemberMenuProps {
  contact: { id: string; displayName: string };
  explain: (contact: { id: string; displayName: string }) => void;
  exclude: (id: string) => void;
}

function MemberMenu({ contact, explain, exclude }: MemberMenuProps) {
  const { t } = useLocale();
  const { can } = useSession();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t('segment.explain.menu', { name: contact.displayName })}>
          <Ellipsis size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<CircleHelp size={15} aria-hidden />} onClick={() => explain(contact)}>
          {t('segment.explain.open')}
        </Menu.Item>
        {can('OPERATOR') && (
          <Menu.Item leftSection={<UserMinus size={15} aria-hidden />} onClick={() => exclude(contact.id)}>
            {t('segment.hand.exclude')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function MoveItem({ move, time }: { move: Move | Reread; time: string }) {
  const { t } = useLocale();
  if (move.way === 'reread') {
    return (
      <li className={css.move}>
        <RefreshCw size={16} aria-hidden />
        {t('segment.reread', { n: move.count })}
        <time className={css.moveTime} dateTime={move.at}>
          {time}
        </time>
      </li>
    );
  }
  const entered = move.way === 'entered';
  const Arrow = entered ? ArrowDownLeft : ArrowUpRight;
  return (
    <li className={css.move}>
      <Arrow size={16} aria-hidden color={entered ? 'var(--c-accent-text)' : 'var(--c-danger)'} />
      <Link to={`/contacts/${move.contactId}`} className={css.moveName}>
        {move.name || t('segment.somebody')}
      </Link>
      <span className="dim">{t(entered ? 'segment.entered' : 'segment.left')}</span>
      <time className={css.moveTime} dateTime={move.at}>
        {time}
      </time>
    </li>
  );
}

function Actions({ segment }: { segment: NonNullable<SegmentQuery['segment']> }) {
  const { t } = useLocale();
  const { can } = useSession();
  const confirm = useConfirm();
  const navigate = useNavigate();
  const { send, busy } = useSend(DeleteSegmentDocument);
  const ok = useTellErrors();
  const exporting = (
    <>
      <BatchButton scope={{ segmentId: segment.id }} count={segment.count} />
      <ExportButton scope={{ segmentId: segment.id }} count={segment.count} />
      <MessageButton scope={{ segmentId: segment.id }} count={segment.count} />
    </>
  );
  if (!can('MANAGER')) return exporting;
  const remove = async () => {
    if (segment.usedBy.length > 0) return tell(t('segment.inUse', { names: segment.usedBy.map(({ name }) => name).join(', ') }));
    const sure = await confirm({ title: t('segment.deleteTitle', { name: segment.name }), text: t('segment.deleteText'), yes: t('action.delete'), danger: true });
    if (sure && ok(await send({ input: { id: segment.id } }))) void navigate('/segments');
  };
  return (
    <>
      {exporting}
      <Button variant="default" loading={busy} leftSection={<Trash2 size={15} aria-hidden />} onClick={() => void remove()}>
        {t('action.delete')}
      </Button>
      <Button component={Link} to={`/segments/${segment.id}/edit`} leftSection={<Pencil size={15} aria-hidden />}>
        {t('segment.edit')}
      </Button>
    </>
  );
}
