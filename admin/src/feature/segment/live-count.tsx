import { Skeleton } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { useSubscription } from 'urql';
import { SegmentCountDocument } from '@/gql/graphql';
import { LiveNumber } from '@/part/live-number';

/**
 * A segment's count as it is now. Follows the segment only while it is on the screen: all follow through
 * one socket, and the server bounds how many may.
 */
export function LiveCount({ id, start }: { id: string; start?: number }) {
  const { ref, entry } = useIntersection<HTMLSpanElement>({ rootMargin: '200px' });
  const seen = entry?.isIntersecting ?? false;
  const [count, setCount] = useState(start);
  const [{ data }] = useSubscription({ query: SegmentCountDocument, variables: { id }, pause: !seen });
  useEffect(() => {
    if (data) setCount(data.segmentChanged.count);
  }, [data]);
  return (
    <span ref={ref}>
      {count === undefined ? <Skeleton width={48} height={14} /> : <LiveNumber value={count} />}
    </span>
  );
}
