import { useEffect, useRef, useState } from 'react';
import { useClient, useSubscription } from 'urql';
import { connection, onConnection } from '@/api/connection';
import { ContactNameByIdDocument, SegmentMovesDocument, type ContactRowFragment, type SegmentMovesSubscription } from '@/gql/graphql';

/** Somebody who came into a segment or left it. */
export interface Move {
  key: string;
  way: 'entered' | 'left';
  contactId: string;
  name: string;
  at: string;
}

/** The members had to be read again: more moved at once than events name, the rule is another one, or the connection was down. */
export interface Reread {
  key: string;
  way: 'reread';
  count: number;
  at: string;
}

/** A segment as its events tell it. */
export interface LiveSegment {
  /** Null until the first event. */
  count: number | null;
  version: string;
  /** The latest moves, newest first. */
  moves: (Move | Reread)[];
}

type Event = SegmentMovesSubscription['segmentChanged'];

const kept = 50;

/**
 * Follows a segment. `onEvent` hears each event, to change the list of members; `nameOf` knows
 * the names of members on the screen, so that only others are asked for when they leave.
 */
export function useMoves(id: string, onEvent: (event: Event) => void, nameOf: (id: string) => string | undefined): LiveSegment {
  const client = useClient();
  const [{ data }] = useSubscription({ query: SegmentMovesDocument, variables: { id } });
  const missed = useRef(false);
  const [live, setLive] = useState<LiveSegment>({ count: null, version: '', moves: [] });

  // Nobody tells what happened while the connection was down; the first event after it says the count alone.
  useEffect(
    () =>
      onConnection(() => {
        if (connection() === 'lost') missed.current = true;
      }),
    [],
  );

  useEffect(() => {
    if (!data) return;
    const event = missed.current ? { ...data.segmentChanged, resync: true } : data.segmentChanged;
    missed.current = false;
    const at = new Date().toISOString();
    const left = event.left.map<Move>((contactId) => ({ key: `${event.version}-${contactId}`, way: 'left', contactId, name: nameOf(contactId) ?? '', at }));
    const reread = event.resync ? [{ key: `${event.version}-${at}`, way: 'reread' as const, count: event.count, at }] : [];
    const moves = [...reread, ...event.entered.map((contact) => enteredMove(contact, event.version, at)), ...left];
    setLive((before) => ({ count: event.count, version: event.version, moves: [...moves, ...before.moves].slice(0, kept) }));
    onEvent(event);

    for (const move of left.filter((one) => one.name === '')) {
      void client
        .query(ContactNameByIdDocument, { id: move.contactId })
        .toPromise()
        .then((answer) => {
          const name = answer.data?.contact?.displayName;
          if (name) setLive((before) => ({ ...before, moves: before.moves.map((one) => (one.key === move.key && one.way !== 'reread' ? { ...one, name } : one)) }));
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
