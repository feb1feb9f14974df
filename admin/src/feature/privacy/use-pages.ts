import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { useCallback, useEffect, useState } from 'react';
import { useClient, type AnyVariables, type CombinedError } from 'urql';

interface Connection<T> {
  nodes: T[];
  pageInfo: { endCursor: string | null; hasNextPage: boolean };
}

/** Reads a connection page by page, each below the one before. `key` tells of other variables. */
export function useMore<T, V extends AnyVariables & { after?: string | null }>(document: TypedDocumentNode<Record<string, Connection<T>>, V>, variables: V, key: string) {
  const client = useClient();
  const [rows, setRows] = useState<T[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [error, setError] = useState<CombinedError | null>(null);
  const read = useCallback(
    async (after: string | null) => {
      const answer = await client.query(document, { ...variables, after }, { requestPolicy: 'network-only' }).toPromise();
      setError(answer.error ?? null);
      const page = answer.data ? Object.values(answer.data)[0] : undefined;
      if (!page) return;
      setRows((before) => (after && before ? [...before, ...page.nodes] : page.nodes));
      setCursor(page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);
    },
    // eslint-disable-next-line react-hooks/exhaustive-deps -- key stands for the variables, which are a new object each time
    [client, document, key],
  );
  useEffect(() => void read(null), [read]);
  return { rows, error, reload: () => void read(null), more: cursor === null ? null : () => void read(cursor) };
}
