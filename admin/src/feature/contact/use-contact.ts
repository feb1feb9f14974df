import { useCallback, useEffect, useRef, useState } from 'react';
import { useQuery, useSubscription, type CombinedError } from 'urql';
import { ContactChangedDocument, ContactDocument, type ContactFullFragment } from '@/gql/graphql';

/** A contact as it is now. */
export interface LiveContact {
  /** One that has become part of another is that other, whose id it has. */
  contact: ContactFullFragment | null;
  loading: boolean;
  error: CombinedError | undefined;
  /** Counts the changes seen since the page opened, from anywhere. */
  changes: number;
  reload: () => void;
  /** Takes the answer of one's own mutation at once, without waiting for the event. */
  accept: (contact: ContactFullFragment) => void;
}

/** Reads a contact and follows it: another person's change, an import or a sign-up shows at once. */
export function useContact(id: string): LiveContact {
  const [{ data, error }, refetch] = useQuery({ query: ContactDocument, variables: { id } });
  const [{ data: event }] = useSubscription({ query: ContactChangedDocument, variables: { id } });
  const [known, setKnown] = useState<{ of: string; contact: ContactFullFragment | null }>({ of: '', contact: null });
  const [changes, setChanges] = useState(0);
  // The state last told of: what was read first, then each event's. A subscription begins with the contact as it is, which
  // is no change when that was read before.
  const told = useRef({ of: '', updatedAt: '' });

  useEffect(() => {
    if (!data) return;
    setKnown({ of: id, contact: data.contact });
    if (told.current.of !== id) told.current = { of: id, updatedAt: data.contact?.updatedAt ?? '' };
  }, [data]);
  useEffect(() => {
    if (!event) return;
    const { contact } = event.contactChanged;
    const before = told.current;
    told.current = { of: id, updatedAt: contact?.updatedAt ?? '' };
    setKnown({ of: id, contact });
    if (before.of !== id || before.updatedAt !== told.current.updatedAt) setChanges((count) => count + 1);
  }, [event]);

  return {
    contact: known.of === id ? known.contact : null,
    loading: known.of !== id && !error,
    error: data ? undefined : error,
    changes,
    reload: useCallback(() => refetch({ requestPolicy: 'network-only' }), [refetch]),
    accept: useCallback((contact) => setKnown({ of: id, contact }), [id]),
  };
}
