import { useDocumentVisibility } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { useQuery, useSubscription } from 'urql';
import { BookMovesDocument, DashboardHistoryDocument, DashboardStandingDocument } from '@/gql/graphql';
import { useEvery } from '@/part/use-every';
import type { Period } from './period';

// A busy site changes many times a second: what is counted is read again at most so often, and where counting takes long, only once
// so many times as long have passed.
const atMostEvery = 5_000;
const restsFor = 40;
// What no change of a contact tells: an event that has begun, a buyer who is not listed.
const atLeastEvery = 60_000;

/**
 * What is counted of a period; while it is not yet, `current` is false of what was counted of another. What happened does not wait for
 * how the customers stand, which takes longer while the server has still to read its index.
 */
export function useDashboard({ from, to }: Period) {
  const [history, readHistory] = useQuery({ query: DashboardHistoryDocument, variables: { from, to } });
  const [standing, readStanding] = useQuery({ query: DashboardStandingDocument, variables: { from, to } });
  const fetching = history.fetching || history.stale || standing.fetching || standing.stale;
  const pace = usePace(`${from} ${to}`, fetching);
  const read = () => {
    pace.begun();
    readHistory({ requestPolicy: 'network-only' });
    readStanding({ requestPolicy: 'network-only' });
  };
  useMoves(pace.pause, read);
  useEvery(atLeastEvery, read);

  // While another period is read, urql keeps what was read before.
  const counted = history.data?.dashboard;
  const whole = counted?.history.whole;
  return {
    countedAt: counted?.countedAt,
    history: counted?.history,
    current: whole?.from === from && whole.to === to,
    standing: standing.data?.dashboard.standing,
    segments: standing.data?.dashboard.segments,
    error: history.error ?? standing.error,
    fetching,
    reload: read,
  };
}

/** How long to wait before reading again, by how long it took: from a new `question`, or from `begun`, to when nothing is fetched. */
function usePace(question: string, fetching: boolean) {
  const at = useRef(Date.now());
  const took = useRef(0);
  const begun = () => {
    at.current = Date.now();
  };
  useEffect(begun, [question]);
  useEffect(() => {
    if (!fetching) took.current = Date.now() - at.current;
  }, [fetching]);
  return { begun, pause: () => Math.max(0, at.current + Math.max(atMostEvery, restsFor * took.current) - Date.now()) };
}

/** Calls back when the book has moved, after a pause in which more moves are not told of; only while the page is seen. */
function useMoves(pause: () => number, look: () => void): void {
  const seen = useDocumentVisibility() === 'visible';
  const [{ data: moved }] = useSubscription({ query: BookMovesDocument, pause: !seen });
  const latest = useRef(look);
  const waiting = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => {
    latest.current = look;
  });
  useEffect(() => {
    if (!moved || waiting.current !== null) return;
    waiting.current = setTimeout(() => {
      waiting.current = null;
      latest.current();
    }, pause());
    // A move is told once, whatever else renders anew.
  }, [moved]);
  useEffect(
    () => () => {
      if (waiting.current !== null) clearTimeout(waiting.current);
      waiting.current = null;
    },
    [],
  );
}
