import { Alert, Anchor, Button, Progress } from '@mantine/core';
import { CircleAlert } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { textOf } from '@/api/error';
import { Changes } from '@/feature/contact/history-changes';
import { BatchItemsDocument, type BatchFullFragment, type BatchItemState, type BatchItemsQuery, type BatchStatus } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { LiveNumber } from '@/part/live-number';
import { Loading, Problem } from '@/part/state';
import { Tag, type Tone } from '@/part/tag';
import { isOver } from './use-run';
import css from './batch.module.css';

const tones: Record<BatchStatus, Tone> = { QUEUED: 'plain', RUNNING: 'info', DONE: 'accent', FAILED: 'danger', CANCELLED: 'warn' };

/** How far a batch is. */
export function BatchState({ status }: { status: BatchStatus }) {
  const { t } = useLocale();
  return <Tag tone={tones[status]}>{t(`batch.status.${status}`)}</Tag>;
}

const counters = ['changed', 'unchanged', 'failed'] as const;
const colors = { changed: 'pine.6', unchanged: 'gray.5', failed: 'red.6' };

/** A batch's counts and its bar, moving while it goes on. */
export function RunCounts({ run }: { run: BatchFullFragment }) {
  const { t } = useLocale();
  const share = (count: number) => (run.total > 0 ? (count / run.total) * 100 : 0);
  const over = isOver(run);
  return (
    <>
      {run.status === 'FAILED' && (
        <Alert color="red" mb="md" icon={<CircleAlert size={18} aria-hidden />} role="alert" title={t('batch.status.FAILED')}>
          {run.problem}
        </Alert>
      )}
      <div role="status">
        <dl className={css.counters}>
          {counters.map((key) => (
            <div key={key}>
              <dt className="dim">{t(run.dryRun ? `batch.would.${key}` : `batch.did.${key}`)}</dt>
              <dd className={css.number} data-tone={key === 'failed' && run.failed > 0 ? 'danger' : undefined}>
                <LiveNumber value={run[key]} />
              </dd>
            </div>
          ))}
        </dl>
      </div>
      <Progress.Root size="lg" radius="sm" mb="md">
        {counters.map((key) => (
          <Progress.Section key={key} value={share(run[key])} color={colors[key]} animated={!over} aria-label={t(run.dryRun ? `batch.would.${key}` : `batch.did.${key}`)} />
        ))}
      </Progress.Root>
    </>
  );
}

type Item = NonNullable<BatchItemsQuery['batchRun']>['items']['nodes'][number];

/** A batch's contacts of one state: what changes on each, or why it cannot be. */
export function RunItems({ id, state, title }: { id: string; state: BatchItemState; title: string }) {
  const { t } = useLocale();
  const [pages, setPages] = useState<string[]>(['']);
  return (
    <section className={css.items} aria-label={title}>
      <h3 className={css.itemsTitle}>{title}</h3>
      <ul className={css.list}>
        {pages.map((after, page) => (
          <ItemPage key={after} id={id} state={state} after={after} more={page === pages.length - 1 ? (cursor) => setPages([...pages, cursor]) : undefined} label={t('action.more')} />
        ))}
      </ul>
    </section>
  );
}

interface PageProps {
  id: string;
  state: BatchItemState;
  after: string;
  more: ((cursor: string) => void) | undefined;
  label: string;
}

function ItemPage({ id, state, after, more, label }: PageProps) {
  const variables = { id, state, first: state === 'CHANGED' ? 10 : 20, ...(after && { after }) };
  const [{ data, error }, reload] = useQuery({ query: BatchItemsDocument, variables, requestPolicy: 'network-only' });
  const items = data?.batchRun?.items;
  if (error && !items) return <li><Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} /></li>;
  if (!items) return <li><Loading lines={3} /></li>;
  const cursor = items.pageInfo.hasNextPage ? items.pageInfo.endCursor : null;
  return (
    <>
      {items.nodes.map((item) => (
        <RunItem key={item.contactId} item={item} />
      ))}
      {cursor && more && (
        <li>
          <Button variant="subtle" size="compact-sm" onClick={() => more(cursor)}>
            {label}
          </Button>
        </li>
      )}
    </>
  );
}

function RunItem({ item }: { item: Item }) {
  const locale = useLocale();
  // The word is of forms too, where it means an answer.
  const why = item.code === 'WRONG_TYPE' ? locale.t('batch.wrongType') : textOf(locale, item.code, item.message);
  return (
    <li className={css.item}>
      {item.contact ? (
        <Anchor component={Link} to={`/contacts/${item.contactId}`} c="inherit" fw={560}>
          {item.contact.displayName}
        </Anchor>
      ) : (
        <span className="dim">{locale.t('batch.gone')}</span>
      )}
      {item.state === 'FAILED' && <p className={css.why}>{why}</p>}
      {item.changes && <Changes json={item.changes} />}
    </li>
  );
}
