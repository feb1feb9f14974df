import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useClient } from 'urql';
import { failureText } from '@/api/error';
import { tell } from '@/api/send';
import { InboxOlderDocument, type MessagePageFragment, type ThreadFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Ago } from '@/part/when';
import { LinkedText } from './linked-text';
import css from './inbox.module.css';

type Message = MessagePageFragment['nodes'][number];

/** Both lists as one, the oldest first: the ids follow the time. */
const merged = (some: Message[], others: Message[]): Message[] =>
  [...new Map([...some, ...others].map((message) => [message.id, message])).values()].sort((a, b) => (a.id < b.id ? -1 : 1));

/** What was said in a conversation, which opens at its newest message; what is older is read when it is asked for. */
export function Messages({ thread }: { thread: ThreadFullFragment }) {
  const locale = useLocale();
  const { t } = locale;
  const client = useClient();
  const { nodes, pageInfo } = thread.messages;
  const [read, setRead] = useState<Message[]>([]); // what was shown stays, also when newer ones push it out of the page
  const [place, setPlace] = useState(pageInfo);
  const [busy, setBusy] = useState(false);
  useEffect(() => setRead((was) => merged(was, nodes)), [nodes]);
  const messages = merged(read, nodes);
  const last = messages.at(-1);
  const list = useRef<HTMLOListElement>(null);
  const newest = useRef<HTMLLIElement>(null);
  // On opening, and after one's own answer; who reads further up stays there.
  const own = last?.author === 'STAFF' ? last.id : '';
  useEffect(() => {
    newest.current?.scrollIntoView({ block: 'nearest' });
  }, [own]);

  const more = async () => {
    setBusy(true);
    const { data, error } = await client.query(InboxOlderDocument, { id: thread.id, after: place.endCursor }, { requestPolicy: 'network-only' }).toPromise();
    setBusy(false);
    if (error) tell(failureText(locale, error));
    if (!data) return;
    setRead((was) => merged(was, data.inboxThread.messages.nodes));
    setPlace(data.inboxThread.messages.pageInfo);
    list.current?.focus({ preventScroll: true }); // the button may be gone
  };

  return (
    <>
      {place.hasNextPage && (
        <Button variant="default" size="xs" mb="md" loading={busy} onClick={() => void more()}>
          {t('inbox.showOlder')}
        </Button>
      )}
      <ol ref={list} tabIndex={-1} className={css.messages} aria-label={t('inbox.messages')} aria-live="polite">
        {messages.map((message) => (
          <li key={message.id} ref={message === last ? newest : undefined} className={css.message} data-author={message.author}>
            <div className={css.by}>
              <strong>{message.authorName}</strong> <Ago at={message.at} />
            </div>
            <div className={css.body}>
              <LinkedText text={message.body} />
            </div>
          </li>
        ))}
      </ol>
      {thread.personUnread > 0 && last?.author === 'STAFF' && <p className={css.unread}>{t('inbox.notRead')}</p>}
    </>
  );
}
