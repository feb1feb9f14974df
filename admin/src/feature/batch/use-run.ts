import { useEffect, useState } from 'react';
import { useQuery, useSubscription, type CombinedError } from 'urql';
import { BatchProgressDocument, BatchRunDocument, type BatchFullFragment } from '@/gql/graphql';

export const isOver = ({ status }: Pick<BatchFullFragment, 'status'>): boolean => status !== 'QUEUED' && status !== 'RUNNING';

/** A batch as it is now. */
export interface LiveRun {
  run: BatchFullFragment | null;
  missing: boolean;
  error: CombinedError | undefined;
  reload: () => void;
  accept: (run: BatchFullFragment) => void;
}

/** Reads a batch and follows it while it goes on. An empty id reads nothing. */
export function useRun(id: string): LiveRun {
  const [{ data, error }, reload] = useQuery({ query: BatchRunDocument, variables: { id }, pause: id === '', requestPolicy: 'network-only' });
  const [run, setRun] = useState<BatchFullFragment | null>(null);
  const current = run?.id === id ? run : null;
  const [{ data: event }] = useSubscription({ query: BatchProgressDocument, variables: { id }, pause: id === '' || (current !== null && isOver(current)) });
  useEffect(() => {
    const read = data?.batchRun;
    // The subscription may have been faster.
    if (read) setRun((has) => (has?.id === read.id && isOver(has) ? has : read));
  }, [data]);
  useEffect(() => {
    if (event?.batchProgress.__typename === 'BatchRun') setRun(event.batchProgress);
  }, [event]);
  return {
    run: current,
    missing: data !== undefined && data.batchRun === null,
    error: current ? undefined : error,
    reload: () => reload({ requestPolicy: 'network-only' }),
    accept: setRun,
  };
}
