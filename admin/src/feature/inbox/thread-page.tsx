import { Anchor, Button, Select, Textarea } from '@mantine/core';
import { UserRound } from 'lucide-react';
import { useForm } from '@mantine/form';
import { useEffect, useState } from 'react';
import { Link, useParams } from 'react-router';
import { useQuery, useSubscription } from 'urql';
import { refusalOf } from '@/api/error';
import { useSend, useTellErrors } from '@/api/send';
import { AnswerThreadDocument, InboxThreadChangedDocument, InboxThreadDocument, ReadThreadDocument, UpdateThreadDocument, type ThreadFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Refused } from '@/part/form';
import { Page, Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { Messages } from './messages';
import css from './inbox.module.css';

/** One conversation, as it goes on. Looking at it reads it. */
export default function ThreadPage() {
  const { t } = useLocale();
  const { id = '' } = useParams();
  const [{ data, error }, reload] = useQuery({ query: InboxThreadDocument, variables: { id }, requestPolicy: 'cache-and-network' });
  const [{ data: event }] = useSubscription({ query: InboxThreadChangedDocument, variables: { id } });
  const [newest, setNewest] = useState<ThreadFullFragment | null>(null);
  useEffect(() => {
    if (event) setNewest(event.inboxThreadChanged);
  }, [event]);
  const thread = newest?.id === id ? newest : data?.inboxThread;
  const { send: read } = useSend(ReadThreadDocument);
  const unread = (thread?.staffUnread ?? 0) > 0;
  useEffect(() => {
    if (unread) void read({ input: { id } });
  }, [unread, id, read]);

  const back = { to: '/inbox', label: t('nav.inbox') };
  if (!thread) {
    return (
      <Page title={t('nav.inbox')} back={back}>
        {error ? <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} /> : <Loading />}
      </Page>
    );
  }
  return (
    <Page
      title={thread.subject}
      back={back}
      width="form"
      lead={
        <span className={css.tags}>
          {thread.contact ? (
            <Anchor component={Link} to={`/contacts/${thread.contact.id}/marketing`}>
              {thread.contact.displayName}
            </Anchor>
          ) : (
            t('inbox.gone')
          )}
          {thread.closed && <Tag>{t('inbox.closed')}</Tag>}
        </span>
      }
      actions={<ThreadActions thread={thread} colleagues={data?.inboxColleagues ?? []} onChange={setNewest} />}
    >
      <Sheet title={t('inbox.messages')}>
        <Messages key={thread.id} thread={thread} />
        <Answer thread={thread} onChange={setNewest} />
      </Sheet>
    </Page>
  );
}

interface ActionProps {
  thread: ThreadFullFragment;
  onChange: (thread: ThreadFullFragment) => void;
}

function ThreadActions({ thread, colleagues, onChange }: ActionProps & { colleagues: { id: string; name: string }[] }) {
  const { t } = useLocale();
  const told = useTellErrors();
  const { send, busy } = useSend(UpdateThreadDocument);
  const update = async (change: { closed?: boolean; assignedToId?: string | null }) => {
    const payload = await send({ input: { id: thread.id, ...change } });
    if (told(payload) && payload?.thread) onChange(payload.thread);
  };
  const others = thread.assignedTo && !colleagues.some((one) => one.id === thread.assignedTo?.id) ? [thread.assignedTo] : [];
  return (
    <>
      <Select
        className={css.whose ?? ''}
        aria-label={t('inbox.assignedTo')}
        placeholder={t('inbox.nobody')}
        leftSection={<UserRound size={15} aria-hidden />}
        clearable
        clearButtonProps={{ 'aria-label': t('action.clear') }}
        data={[...colleagues, ...others].map((one) => ({ value: one.id, label: one.name }))}
        value={thread.assignedTo?.id ?? null}
        onChange={(id) => void update({ assignedToId: id })}
      />
      <Button variant="default" loading={busy} onClick={() => void update({ closed: !thread.closed })}>
        {t(thread.closed ? 'inbox.reopen' : 'inbox.close')}
      </Button>
    </>
  );
}

function Answer({ thread, onChange }: ActionProps) {
  const locale = useLocale();
  const { t } = locale;
  const { send, busy } = useSend(AnswerThreadDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({ initialValues: { body: '' } });
  const submit = async (values: typeof form.values) => {
    const payload = await send({ input: { id: thread.id, body: values.body } });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (payload.errors.length > 0 || !payload.thread) return;
    form.reset();
    onChange(payload.thread);
  };
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate className={css.answer}>
      <Refused texts={rest} />
      <Textarea label={t('inbox.answer')} description={t('inbox.answerHelp')} autosize minRows={3} maxRows={16} {...form.getInputProps('body')} />
      <div className={css.send}>
        <Button type="submit" loading={busy}>
          {t('inbox.send')}
        </Button>
      </div>
    </form>
  );
}
