import { Skeleton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { useQuery, useSubscription } from 'urql';
import { SegmentPreviewCountDocument, SegmentPreviewDocument, type ContactFilter } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Avatar } from '@/part/avatar';
import { LiveNumber } from '@/part/live-number';
import { ruleProblems } from './broken-banner';
import css from './segment.module.css';

/** How many contacts a rule finds, live while it is written and after, and a few of them. */
export function Preview({ filter }: { filter: ContactFilter }) {
  const locale = useLocale();
  const { t } = locale;
  const text = JSON.stringify(filter);
  const [settled] = useDebouncedValue(text, 280);
  const variables = { filter: JSON.parse(settled) as ContactFilter };
  const [{ data, error, stale }, refetch] = useQuery({ query: SegmentPreviewDocument, variables, requestPolicy: 'network-only' });
  const [{ data: event }] = useSubscription({ query: SegmentPreviewCountDocument, variables });
  const [count, setCount] = useState<number | null>(null);

  useEffect(() => {
    if (data) setCount(data.segmentPreview.count);
  }, [data]);
  useEffect(() => {
    if (event) setCount(event.segmentPreviewChanged.count);
  }, [event]);
  // Somebody came or went: the few that are shown may be others now.
  const version = event?.segmentPreviewChanged.version;
  useEffect(() => {
    if (version) refetch({ requestPolicy: 'network-only' });
  }, [version, refetch]);

  const waiting = text !== settled || stale;
  const sample = data?.segmentPreview.sample ?? [];
  return (
    <aside className={css.preview} aria-label={t('segment.preview')}>
      <div className={css.previewCount} data-waiting={waiting || undefined}>
        <span className={css.big}>{error ? '–' : count === null ? <Skeleton width={90} height={44} /> : <LiveNumber value={count} announce label={t('segment.members')} />}</span>
        <span className={css.live}>
          <span className={css.liveDot} aria-hidden />
          {t('segment.members')}
        </span>
      </div>
      {error && (
        <div className={css.problem} role="alert">
          {ruleProblems(locale, error).map((text) => (
            <div key={text}>{text}</div>
          ))}
        </div>
      )}
      <ul className={css.sample}>
        {sample.map((contact) => (
          <li key={contact.id}>
            <Avatar name={contact.displayName} kind={contact.kind} color={contact.color} size={26} />
            <Link to={`/contacts/${contact.id}`} className={css.sampleName}>
              {contact.displayName}
            </Link>
            <span className={css.sampleCity}>{contact.address.city}</span>
          </li>
        ))}
      </ul>
      {!error && count !== null && count > sample.length && sample.length > 0 && <p className={css.hint}>{t('segment.sampleOf', { n: sample.length })}</p>}
      {!error && count === 0 && <p className={css.hint}>{t('segment.nobody')}</p>}
    </aside>
  );
}
