import { VisuallyHidden } from '@mantine/core';
import { useEffect, useMemo } from 'react';
import { useLocation } from 'react-router';
import { useQuery } from 'urql';
import { OpenPrivacyRequestCountDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import css from './privacy.module.css';

/** How many persons wait for an answer about their data; nothing when nobody does. Asked anew on each page. */
export function PrivacyCount() {
  const { tn } = useLocale();
  const { pathname } = useLocation();
  const context = useMemo(() => ({ additionalTypenames: ['PrivacyRequest'] }), []);
  const [{ data }, refetch] = useQuery({ query: OpenPrivacyRequestCountDocument, context });
  useEffect(() => refetch({ requestPolicy: 'network-only' }), [pathname, refetch]);
  const count = data?.openPrivacyRequestCount ?? 0;
  if (count === 0) return null;
  return (
    <span className={css.count}>
      <span aria-hidden>{count}</span>
      <VisuallyHidden>{tn('privacy.waiting', count)}</VisuallyHidden>
    </span>
  );
}
