import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { useLocale } from '@/locale/locale';

interface Place {
  hasNextPage: boolean;
  endCursor: string | null;
}

/** Where one is in a list that is read by cursors. `reset` leads back to its beginning. */
export function usePages() {
  const [pages, setPages] = useState<string[]>([]); // the cursors that led here
  return { after: pages.at(-1) ?? null, pages, go: setPages, reset: () => setPages([]) };
}

interface Props {
  pages: string[];
  go: (pages: string[]) => void;
  place: Place;
  /** What the ways back and on are called, where that is not the usual. */
  words?: readonly [string, string];
}

/** The ways to the next page and back; nothing when there is one page only. */
export function Pager({ pages, go, place, words }: Props) {
  const { t } = useLocale();
  const next = place.hasNextPage ? place.endCursor : null;
  if (pages.length === 0 && !next) return null;
  return (
    <Group justify="flex-end" gap="xs" mt="sm">
      <Button variant="default" size="xs" disabled={pages.length === 0} onClick={() => go(pages.slice(0, -1))}>
        {words?.[0] ?? t('action.previous')}
      </Button>
      <Button variant="default" size="xs" disabled={!next} onClick={() => next && go([...pages, next])}>
        {words?.[1] ?? t('action.next')}
      </Button>
    </Group>
  );
}
