import { Anchor, Button, Group } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { PrivacyRequestFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Tag, type Tone } from '@/part/tag';
import { AnswerDialog } from './answer-dialog';
import css from './privacy.module.css';

interface Props {
  request: PrivacyRequestFullFragment;
  onAnswered: () => void;
}

const day = 24 * 60 * 60 * 1000;

/** How near the end of the term is: past it, within a week, or further. */
function toneOf(dueAt: string): Tone {
  const left = Date.parse(dueAt) - Date.now();
  if (left < 0) return 'danger';
  return left < 7 * day ? 'warn' : 'plain';
}

/** One request: who asks, what they say, until when, and the answer to it. */
export function RequestItem({ request, onAnswered }: Props) {
  const { t, format } = useLocale();
  const [answering, setAnswering] = useState<'done' | 'refuse' | null>(null);
  const open = request.state === 'OPEN';
  return (
    <li className={css.item}>
      <div className={css.head}>
        <strong className={css.who}>
          <Who request={request} />
        </strong>
        {open ? <Tag tone={toneOf(request.dueAt)}>{t(Date.parse(request.dueAt) < Date.now() ? 'privacy.overdue' : 'privacy.due', { day: format.day(request.dueAt) })}</Tag> : <Tag>{t(`privacy.state.${request.state}`)}</Tag>}
      </div>
      <p className={css.facts}>
        {t('privacy.asked', { day: format.day(request.askedAt) })}
        {request.doneAt && ` · ${t('privacy.ended', { day: format.day(request.doneAt) })}`}
        {request.doneByName && ` · ${request.doneByName}`}
      </p>
      {request.message && <blockquote className={css.said}>{request.message}</blockquote>}
      {request.reason && (
        <p className={css.said}>
          {t('privacy.told')} {request.reason}
        </p>
      )}
      {open && (
        <Group gap="xs" mt="sm">
          <Button variant="default" onClick={() => setAnswering('done')}>
            {t('privacy.done.open')}
          </Button>
          <Button variant="subtle" color="red" onClick={() => setAnswering('refuse')}>
            {t('privacy.refuse.open')}
          </Button>
        </Group>
      )}
      {answering && <AnswerDialog request={request} done={answering === 'done'} onClose={() => setAnswering(null)} onAnswered={onAnswered} />}
    </li>
  );
}

function Who({ request: { contact, email } }: { request: PrivacyRequestFullFragment }) {
  const { t } = useLocale();
  if (!contact) return <>{email ?? t('privacy.gone')}</>;
  return (
    <>
      <Anchor component={Link} to={`/contacts/${contact.id}/general`} inherit>
        {contact.displayName}
      </Anchor>{' '}
      {contact.deletedAt && <Tag tone="danger">{t('privacy.inTrash')}</Tag>}
    </>
  );
}
