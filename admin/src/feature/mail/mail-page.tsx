import { Alert, Anchor, Button, Drawer, UnstyledButton } from '@mantine/core';
import { Inbox } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { useClient, type CombinedError } from 'urql';
import { MailsDocument, type MailsQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Page } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { Tag, type Tone } from '@/part/tag';
import { Ago } from '@/part/when';
import { NoMailServer } from './no-mail-server';
import css from './mail.module.css';

type Mail = MailsQuery['mails']['nodes'][number];

const tones: Record<Mail['status'], Tone> = { QUEUED: 'info', SENT: 'accent', FAILED: 'danger' };

function useMails() {
  const client = useClient();
  const [mails, setMails] = useState<Mail[] | null>(null);
  const [configured, setConfigured] = useState(true);
  const [cursor, setCursor] = useState<string | null>(null);
  const [error, setError] = useState<CombinedError | null>(null);
  const read = useCallback(
    async (after: string | null) => {
      const answer = await client.query(MailsDocument, { after }, { requestPolicy: 'network-only' }).toPromise();
      setError(answer.error ?? null);
      if (!answer.data) return;
      const page = answer.data.mails;
      setConfigured(answer.data.mailConfigured);
      setMails((before) => (after && before ? [...before, ...page.nodes] : page.nodes));
      setCursor(page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);
    },
    [client],
  );
  useEffect(() => void read(null), [read]);
  return { mails, configured, error, reload: () => void read(null), more: cursor === null ? null : () => void read(cursor) };
}

/** The outbox: what was sent, what waits, and, without a mail server, where codes are read. */
export default function MailPage() {
  const { t } = useLocale();
  const { mails, configured, error, reload, more } = useMails();
  const [open, setOpen] = useState<Mail | null>(null);
  return (
    <Page
      title={t('nav.mail')}
      lead={t('mail.lead')}
      actions={
        <Button variant="default" onClick={reload}>
          {t('action.refresh')}
        </Button>
      }
    >
      {mails && !configured && (
        <NoMailServer>{t('mail.notConfiguredText')}</NoMailServer>
      )}
      {error && !mails ? (
        <Problem error={error} retry={reload} />
      ) : !mails ? (
        <Loading />
      ) : mails.length === 0 ? (
        <Empty icon={Inbox} title={t('mail.empty')}>
          {t('mail.emptyText')}
        </Empty>
      ) : (
        <ul className={css.list} aria-label={t('nav.mail')}>
          {mails.map((mail) => (
            <li key={mail.id}>
              <UnstyledButton className={css.row} onClick={() => setOpen(mail)} aria-haspopup="dialog">
                <span className={css.recipient}>{mail.recipient}</span>
                <span className={css.subject}>{mail.subject}</span>
                <Tag tone={tones[mail.status]}>{t(`mail.status.${mail.status}`)}</Tag>
                <span className={css.time}>
                  <Ago at={mail.createdAt} />
                </span>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
      {more && (
        <Button variant="default" mt="md" onClick={more}>
          {t('action.more')}
        </Button>
      )}
      <Drawer opened={open !== null} onClose={() => setOpen(null)} size="lg" title={open?.subject} closeButtonProps={{ 'aria-label': t('action.close') }}>
        {open && <MailView mail={open} />}
      </Drawer>
    </Page>
  );
}

function MailView({ mail }: { mail: Mail }) {
  const { t, format } = useLocale();
  return (
    <article>
      <p className={css.meta}>
        {t('mail.to')} <strong>{mail.recipient}</strong> · <time dateTime={mail.createdAt}>{format.moment(mail.createdAt)}</time>{' '}
        <Tag tone={tones[mail.status]}>{t(`mail.status.${mail.status}`)}</Tag>
      </p>
      {mail.problem && (
        <Alert color="red" mb="md">
          {mail.problem}
        </Alert>
      )}
      <div className={css.text}>
        <Linked text={mail.text} />
      </div>
    </article>
  );
}

const link = /(https?:\/\/[^\s<>]+)/;

/** A plain text whose addresses can be followed. */
function Linked({ text }: { text: string }) {
  return text.split(link).map((part, index) =>
    link.test(part) ? (
      <Anchor key={index} href={part} target="_blank" rel="noreferrer" underline="always">
        {part}
      </Anchor>
    ) : (
      part
    ),
  );
}
