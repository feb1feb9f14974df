import { useDebouncedValue, useIntersection } from '@mantine/hooks';
import { Users } from 'lucide-react';
import { useSubscription } from 'urql';
import { SegmentPreviewCountDocument, type ContactFilter } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import css from './rule-builder.module.css';

const nothing: ContactFilter = { all: [] };

/**
 * How many contacts a condition holds by itself, now. It follows only while the condition is on the screen, since a rule may
 * have 200. A screen reader meets it where it stands, and is not told of each change: the whole rule's count is.
 */
export function LeafCount({ filter, id }: { filter: ContactFilter | null; id: string }) {
  const { t, tn, format } = useLocale();
  const { ref, entry } = useIntersection<HTMLSpanElement>({ rootMargin: '100px' });
  const text = filter && JSON.stringify(filter);
  const [settled] = useDebouncedValue(text, 280);
  const [{ data, error, operation }] = useSubscription({
    query: SegmentPreviewCountDocument,
    variables: { filter: settled === null ? nothing : (JSON.parse(settled) as ContactFilter) },
    pause: settled === null || !entry?.isIntersecting,
  });
  // What was counted last is shown pale until the condition as it is now has been.
  const counted = settled !== null && JSON.stringify(operation?.variables.filter) === settled;
  const count = text === null || (counted && error) ? undefined : data?.segmentPreviewChanged.count;
  const waiting = text !== null && !(text === settled && counted && (data || error));
  return (
    <span ref={ref} id={id} className={css.count} data-waiting={waiting || undefined} title={count === undefined ? undefined : tn('segment.rule.holds', count)}>
      {count !== undefined ? (
        <>
          <Users size={13} aria-hidden />
          <span aria-hidden className="num">
            {format.number(count)}
          </span>
          <span className={css.heard}>{tn('segment.rule.holds', count)}</span>
        </>
      ) : (
        counted && error && <span className={css.heard}>{t('segment.rule.uncounted')}</span>
      )}
      {counted && error && <span aria-hidden>–</span>}
    </span>
  );
}
