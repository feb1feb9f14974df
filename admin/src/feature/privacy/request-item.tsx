import { Anchor, Button, Group, Menu } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useSession } from '@/feature/session/session';
import type { PrivacyRequestFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { daysBetween } from '@/part/site-time';
import { Tag, type Tone } from '@/part/tag';
import { AnswerDialog } from './answer-dialog';
import { EraseDialog } from './erase-dialog';
import { DataItems } from './person-data';
import css from './privacy.module.css';

interface Props {
  request: PrivacyRequestFullFragment;
  onAnswered: () => void;
}

/** How near the end of the term is: past it, within a week, or further. */
function toneOf(overdue: boolean, left: number): Tone {
  if (overdue) return 'danger';
  return left <= 7 ? 'warn' : 'plain';
}

/** One request: who asks, what they say, until when, and the answer to it. */
export function RequestItem({ request, onAnswered }: Props) {
  const { t, tn, format } = useLocale();
  const { timeZone } = useSession().site;
  const [answering, setAnswering] = useState<'done' | 'refuse' | null>(null);
  const [erasing, setErasing] = useState(false);
  const open = request.state === 'OPEN';
  const overdue = Date.parse(request.dueAt) < Date.now();
  const left = daysBetween(timeZone, new Date().toISOString(), request.dueAt);
  return (
    <li className={css.item}>
      <div className={css.head}>
        <strong className={css.who}>
          <Who request={request} />
        </strong>
        {open ? <Tag tone={toneOf(overdue, left)}>{t(overdue ? 'privacy.overdue' : 'privacy.due', { day: format.day(request.dueAt) })}</Tag> : <Tag>{t(`privacy.state.${request.state}`)}</Tag>}
      </div>
      <p className={css.facts}>
        {t('privacy.asked', { day: format.day(request.askedAt) })}
        {open && !overdue && ` · ${left === 0 ? t('privacy.lastDay') : tn('privacy.left', left)}`}
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
          {request.contact && (
            <Button variant="light" color="red" onClick={() => setErasing(true)}>
              {t('privacy.erase.open')}
            </Button>
          )}
          {request.contact && (
            <Menu>
              <Menu.Target>
                <Button variant="default">{t('privacy.data.label')}</Button>
              </Menu.Target>
              <Menu.Dropdown>
                <DataItems id={request.contact.id} />
              </Menu.Dropdown>
            </Menu>
          )}
          <Button variant="default" onClick={() => setAnswering('done')}>
            {t('privacy.done.open')}
          </Button>
          <Button variant="subtle" color="red" onClick={() => setAnswering('refuse')}>
            {t('privacy.refuse.open')}
          </Button>
        </Group>
      )}
      {erasing && request.contact && <EraseDialog contact={request.contact} onClose={() => setErasing(false)} onErased={onAnswered} />}
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
