import { Button, SegmentedControl } from '@mantine/core';
import { CopyCheck, RefreshCw } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useClient, useQuery, type CombinedError } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { DuplicateScanDocument, DuplicatesDocument, ScanDuplicatesDocument, type DuplicateFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Page } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { PairItem } from './pair-item';
import css from './duplicate.module.css';

const key = (pair: DuplicateFragment) => pair.contacts.map((contact) => contact.id).join(' ');

function usePairs(dismissed: boolean) {
  const client = useClient();
  const [pairs, setPairs] = useState<DuplicateFragment[] | null>(null);
  const [total, setTotal] = useState(0);
  const [cursor, setCursor] = useState<string | null>(null);
  const [error, setError] = useState<CombinedError | null>(null);
  const wanted = useRef(dismissed);
  const read = useCallback(
    async (after: string | null) => {
      const answer = await client.query(DuplicatesDocument, { first: 25, after, dismissed }, { requestPolicy: 'network-only' }).toPromise();
      if (wanted.current !== dismissed) return;
      setError(answer.error ?? null);
      const page = answer.data?.duplicates;
      if (!page) return;
      setPairs((before) => (after && before ? [...before, ...page.nodes] : page.nodes));
      setTotal(page.totalCount);
      setCursor(page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);
    },
    [client, dismissed],
  );
  useEffect(() => {
    wanted.current = dismissed;
    setPairs(null);
    void read(null);
  }, [read, dismissed]);
  return {
    pairs,
    total,
    error,
    more: cursor === null ? null : () => void read(cursor),
    reload: useCallback(() => void read(null), [read]),
    drop: (gone: DuplicateFragment) => {
      setPairs((before) => before?.filter((pair) => key(pair) !== key(gone)) ?? null);
      setTotal((n) => n - 1);
    },
  };
}

/** Pairs of contacts that are probably one, side by side, with the reasons. */
export default function DuplicatesPage() {
  const { t, tn } = useLocale();
  const [dismissed, setDismissed] = useState(false);
  const { pairs, total, error, more, reload, drop } = usePairs(dismissed);
  return (
    <Page title={t('nav.duplicates')} lead={t('duplicate.lead')} actions={<Scan onDone={reload} />}>
      <div className={css.tools}>
        <SegmentedControl
          size="xs"
          aria-label={t('duplicate.show')}
          value={dismissed ? 'dismissed' : 'open'}
          onChange={(value) => setDismissed(value === 'dismissed')}
          data={[
            { value: 'open', label: t('duplicate.open') },
            { value: 'dismissed', label: t('duplicate.dismissed') },
          ]}
        />
        {pairs && total > 0 && (
          <span className={css.meta} role="status">
            {tn('duplicate.pairs', total)}
          </span>
        )}
      </div>
      {error && !pairs ? (
        <Problem error={error} retry={reload} />
      ) : !pairs ? (
        <Loading lines={8} />
      ) : pairs.length === 0 ? (
        <Empty icon={CopyCheck} title={t(dismissed ? 'duplicate.noneDismissed' : 'duplicate.none')}>
          {t(dismissed ? 'duplicate.noneDismissedText' : 'duplicate.noneText')}
        </Empty>
      ) : (
        <Pairs pairs={pairs} onGone={drop} />
      )}
      {more && (
        <Button variant="default" mt="md" onClick={more}>
          {t('action.more')}
        </Button>
      )}
    </Page>
  );
}

/** The list. The arrow keys go from pair to pair, M merges, N says that they are two. */
function Pairs({ pairs, onGone }: { pairs: DuplicateFragment[]; onGone: (pair: DuplicateFragment) => void }) {
  const { t } = useLocale();
  const list = useRef<HTMLUListElement>(null);
  const go = (from: HTMLElement, step: number) => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>(':scope > li') ?? [])];
    items[items.indexOf(from) + step]?.focus();
  };
  return (
    <>
      <p className={css.keys}>{t('duplicate.keys')}</p>
      <ul ref={list} className={css.pairs} aria-label={t('nav.duplicates')}>
        {pairs.map((pair) => (
          <PairItem key={key(pair)} pair={pair} onGone={() => onGone(pair)} onGo={go} />
        ))}
      </ul>
    </>
  );
}

/** Has all contacts compared anew, and shows how far that is. */
function Scan({ onDone }: { onDone: () => void }) {
  const { t, format } = useLocale();
  const { can } = useSession();
  const [{ data }, refetch] = useQuery({ query: DuplicateScanDocument, requestPolicy: 'cache-and-network' });
  const { send, busy } = useSend(ScanDuplicatesDocument);
  const ok = useTellErrors();
  const scan = data?.duplicateScan;
  const running = scan?.running ?? false;
  const ran = useRef(false);
  useEffect(() => {
    if (!running) {
      if (ran.current) onDone();
      ran.current = false;
      return;
    }
    ran.current = true;
    const timer = setInterval(() => refetch({ requestPolicy: 'network-only' }), 1000);
    return () => clearInterval(timer);
  }, [running, refetch, onDone]);
  const start = async () => {
    if (!ok(await send({}))) return;
    ran.current = true; // it may be over before it is looked at
    refetch({ requestPolicy: 'network-only' });
  };
  return (
    <>
      <span className={css.meta} role="status">
        {scan && running
          ? t('duplicate.scanning', { done: scan.scanned, total: Math.max(scan.total, scan.scanned) })
          : scan?.finishedAt
            ? t('duplicate.scanned', { when: format.moment(scan.finishedAt) })
            : ''}
      </span>
      {can('OPERATOR') && (
        <Button variant="default" loading={busy || running} leftSection={<RefreshCw size={15} aria-hidden />} onClick={() => void start()}>
          {t('duplicate.scan')}
        </Button>
      )}
    </>
  );
}
