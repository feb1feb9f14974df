import { useCallback, useEffect, useRef, useState } from 'react';
import { useClient, type CombinedError } from 'urql';
import { OrdersDocument, type OrderFilter, type OrderOrder, type OrderRowFragment } from '@/gql/graphql';

/** The orders that a filter leaves, page after page. What answers a filter of before is dropped. */
export function useOrders(filter: OrderFilter, orderBy: OrderOrder) {
  const client = useClient();
  const [rows, setRows] = useState<OrderRowFragment[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [error, setError] = useState<CombinedError | null>(null);
  const key = JSON.stringify([filter, orderBy]);
  const current = useRef(key);
  const read = useCallback(
    async (after: string | null) => {
      current.current = key;
      const [asked, by] = JSON.parse(key) as [OrderFilter, OrderOrder];
      const answer = await client.query(OrdersDocument, { filter: asked, orderBy: by, after }, { requestPolicy: 'network-only' }).toPromise();
      if (current.current !== key) return;
      setError(answer.error ?? null);
      if (!answer.data) return;
      const { nodes, pageInfo } = answer.data.orders;
      setRows((before) => (after && before ? [...before, ...nodes] : nodes));
      setCursor(pageInfo.hasNextPage ? pageInfo.endCursor : null);
    },
    [client, key],
  );
  useEffect(() => void read(null), [read]);
  return { rows, error, reload: () => void read(null), more: cursor === null ? null : () => void read(cursor) };
}
