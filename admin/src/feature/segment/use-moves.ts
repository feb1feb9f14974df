import { useEffect, useState } from 'react';
import { useClient, useSubscription } from 'urql';
import { ContactNameByIdDocument, SegmentMovesDocument, type ContactRowFragment, type SegmentMovesSubscription } from '@/gql/graphql';

/** Somebody who came into a segment or left it. */
export interface Move {
  key: string;
  way: 'entered' | 'left';
  contactId: string;
  name: string;
  at: string;
}

/** A segment as its events tell it. */
export interface LiveSegment {
  /** Null until the first event. */
  count: number | null;
  version: string;
  /** The latest moves, newest first. */
  moves: Move[];
}

type Event = SegmentMovesSubscription['segmentChanged'];

const kept = 50;

/**
 * Follows a segment. `onEvent` hears each event after the first, to change the list of members; `nameOf` knows
 * the names of members on the screen, so that only others are asked for when they leave.
 */
export function useMoves(id: string, onEvent: (event: Event) => void, nameOf: (id: string) => string | undefined): LiveSegment {
  const client = useClient();
  const [{ data }] = useSubscription({ query: SegmentMovesDocument, variables: { id } });
  const [live, setLive] = useState<LiveSegment>({ count: null, version: '', moves: [] });

  useEffect(() => {
    if (!data) return;
    const event = data.segmentChanged;
    const at = new Date().toISOString();
    const left = event.left.map<Move>((contactId) => ({ key: `${event.version}-${contactId}`, way: 'left', contactId, name: nameOf(contactId) ?? '', at }));
    const moves = [...event.entered.map((contact) => enteredMove(contact, event.version, at)), ...left];
    setLive((before) => ({ count: event.count, version: event.version, moves: [...moves, ...before.moves].slice(0, kept) }));
    onEvent(event);

    for (const move of left.filter((one) => one.name === '')) {
      void client
        .query(ContactNameByIdDocument, { id: move.contactId })
        .toPromise()
        .then((answer) => {
          const name = answer.data?.contact?.displayName;
          if (name) setLive((before) => ({ ...before, moves: before.moves.map((one) => (one.key === move.key ? { ...one, name } : one)) }));
        });
    }
    // An event is told once, whatever else renders anew.
  }, [data]);

  return live;
}

const enteredMove = (contact: ContactRowFragment, version: string, at: string): Move => ({
  key: `${version}-${contact.id}`,
  way: 'entered',
  contactId: contact.id,
  name: contact.displayName,
  at,
});
