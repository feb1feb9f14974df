import { VisuallyHidden } from '@mantine/core';
import { useSubscription } from 'urql';
import { InboxUnreadDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import css from './inbox.module.css';

/** How many threads hold something that no staff has read, as it is pushed; nothing when there is none. */
export function InboxCount() {
  const { tn } = useLocale();
  const [{ data }] = useSubscription({ query: InboxUnreadDocument });
  const count = data?.inboxUnread ?? 0;
  if (count === 0) return null;
  return (
    <span className={css.count}>
      <span aria-hidden>{count}</span>
      <VisuallyHidden>{tn('inbox.unread', count)}</VisuallyHidden>
    </span>
  );
}
