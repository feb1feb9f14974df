import { useCallback, useEffect, useState } from 'react';
import { useClient, type CombinedError, type TypedDocumentNode } from 'urql';

/** A page of a history, as the API gives it. */
interface HistoryPage<Row> {
  nodes: Row[];
  pageInfo: { endCursor: string | null; hasNextPage: boolean };
}

/** What of an organization's history is gathered beside its own (S-21, G-29). */
export interface Gather {
  people: boolean;
  subsidiaries: boolean;
}

interface Variables extends Gather {
  id: string;
  after?: string | null | undefined;
}

/** Reads a history of a contact page by page; `pick` finds the page in the answer. Answers to what is no longer asked are dropped. */
export function useSaleHistory<Data, Row>(query: TypedDocumentNode<Data, Variables>, id: string, gather: Gather, pick: (data: Data) => HistoryPage<Row> | undefined) {
  const client = useClient();
  const { people, subsidiaries } = gather;
  const [rows, setRows] = useState<Row[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [error, setError] = useState<CombinedError | null>(null);
  const read = useCallback(
    async (after: string | null, wanted: () => boolean) => {
      const answer = await client.query(query, { id, after, people, subsidiaries }, { requestPolicy: 'network-only' }).toPromise();
      if (!wanted()) return;
      const page = answer.data && pick(answer.data);
      setError(answer.error ?? null);
      if (!page) return;
      setRows((before) => (after && before ? [...before, ...page.nodes] : page.nodes));
      setCursor(page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);
    },
    // pick is made anew on each render; the query says which it is.
    [client, query, id, people, subsidiaries],
  );
  useEffect(() => {
    let wanted = true;
    setRows(null);
    void read(null, () => wanted);
    return () => {
      wanted = false;
    };
  }, [read]);
  return { rows, error, more: cursor === null ? null : () => void read(cursor, () => true), reload: () => void read(null, () => true) };
}
