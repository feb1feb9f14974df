import { useCallback, useEffect, useRef, useState } from 'react';
import { useClient, type CombinedError } from 'urql';
import { ContactListDocument, ContactTotalDocument } from '@/gql/graphql';
import type { ContactListRow, Needs } from './list/columns';
import { contactOrder, type ListSorting, type Matching } from './list-params';

const pageSize = 100;

/** The pages read so far. */
export interface ContactPages {
  rows: ContactListRow[];
  /** How many match in all; null until counted. It is counted once, after the first page has come. */
  total: number | null;
  /** Whether nothing of what is asked for has come yet. `rows` may then still be those of before. */
  fresh: boolean;
  loading: boolean;
  more: boolean;
  error: CombinedError | null;
  /** Reads the next page, if there is one and none is on its way. */
  loadMore: () => void;
  /** Begins again at the first page. */
  reload: () => void;
  /** Changes the rows in place, after an event. */
  patch: (change: (rows: ContactListRow[]) => ContactListRow[]) => void;
}

interface State {
  rows: ContactListRow[];
  cursor: string | null;
  more: boolean;
  loading: boolean;
  error: CombinedError | null;
  key: string | null;
}

const empty: State = { rows: [], cursor: null, more: false, loading: true, error: null, key: null };

/**
 * Reads contacts page after page by keyset cursors: a page costs the same at row 100 and at row
 * 900,000. Answers to questions that have been overtaken are dropped. `needs` says what the columns ask for
 * beside a row's core; while `pause` holds nothing is asked.
 */
export function useContactPages(matching: Matching, sorting: ListSorting, needs: Needs = {}, pause = false): ContactPages {
  const client = useClient();
  const [round, setRound] = useState(0);
  const [state, setState] = useState<State>(empty);
  const [total, setTotal] = useState<number | null>(null);
  const matchingKey = JSON.stringify(matching);
  const key = JSON.stringify([matchingKey, sorting, needs, round]);
  const current = useRef(key);
  const busy = useRef(false);

  const read = useCallback(
    async (after: string | null) => {
      busy.current = true;
      setState((before) => ({ ...before, loading: true, error: null }));
      const variables = { ...(JSON.parse(matchingKey) as Matching), orderBy: contactOrder(sorting), ...needs, first: pageSize, after };
      const { data, error } = await client.query(ContactListDocument, variables, { requestPolicy: 'network-only' }).toPromise();
      if (current.current !== key) return;
      busy.current = false;
      setState((before) => {
        if (!data) return { ...before, loading: false, error: error ?? null, key };
        const rows = after ? [...before.rows, ...data.contacts.nodes] : data.contacts.nodes;
        const { endCursor, hasNextPage } = data.contacts.pageInfo;
        return { rows, cursor: endCursor, more: hasNextPage, loading: false, error: null, key };
      });
    },
    // Order and needs are objects made anew on each render; the key holds their values.
    [client, key],
  );

  useEffect(() => {
    current.current = key;
    if (!pause) void read(null);
  }, [key, read, pause]);

  const ready = state.key === key;
  useEffect(() => setTotal(null), [matchingKey]);
  useEffect(() => {
    if (!ready) return;
    let wanted = true;
    const variables = JSON.parse(matchingKey) as Matching;
    void client
      .query(ContactTotalDocument, variables, { requestPolicy: 'network-only' })
      .toPromise()
      .then(({ data }) => wanted && data && setTotal(data.contacts.totalCount));
    return () => {
      wanted = false;
    };
    // Sorting again does not change the count.
  }, [client, matchingKey, round, ready]);

  const loadMore = useCallback(() => {
    if (state.more && state.key === key && !busy.current && !state.error) void read(state.cursor);
  }, [state, key, read]);

  return {
    rows: state.rows,
    total,
    fresh: !ready,
    loading: state.loading,
    more: state.more,
    error: state.error,
    loadMore,
    reload: useCallback(() => setRound((number) => number + 1), []),
    patch: useCallback((change) => setState((before) => ({ ...before, rows: change(before.rows) })), []),
  };
}
