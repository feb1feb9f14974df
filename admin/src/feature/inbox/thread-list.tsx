import { Link } from 'react-router';
import type { ThreadRowFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Tag } from '@/part/tag';
import { Ago } from '@/part/when';
import css from './inbox.module.css';

/** Threads, one below the other. */
export function ThreadList({ rows, label, named = true }: { rows: ThreadRowFragment[]; label: string; named?: boolean }) {
  const { t, tn } = useLocale();
  return (
    <ul className={css.threads} aria-label={label}>
      {rows.map((row) => (
        <li key={row.id}>
          <Link to={`/inbox/${row.id}`} className={css.thread} data-unread={row.staffUnread > 0 || undefined}>
            <span className={css.line}>
              <span className={css.who}>{named ? (row.contact?.displayName ?? t('inbox.gone')) : row.subject}</span>
              <span className="dim">
                <Ago at={row.lastAt} />
              </span>
            </span>
            {named && <span className={css.subject}>{row.subject}</span>}
            {row.last && (
              <span className={css.excerpt}>
                {row.last.author === 'STAFF' && `${row.last.authorName}: `}
                {row.last.body}
              </span>
            )}
            {(row.staffUnread > 0 || row.assignedTo || row.closed) && (
              <span className={css.tags}>
                {row.staffUnread > 0 && <Tag tone="accent">{tn('inbox.new', row.staffUnread)}</Tag>}
                {row.assignedTo && <Tag>{row.assignedTo.name}</Tag>}
                {row.closed && <Tag>{t('inbox.closed')}</Tag>}
              </span>
            )}
          </Link>
        </li>
      ))}
    </ul>
  );
}
