import { Button, TextInput } from '@mantine/core';
import { CircleAlert, CircleCheck, CircleX } from 'lucide-react';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useParams } from 'react-router';
import { useClient, useQuery } from 'urql';
import { failureText, textOf } from '@/api/error';
import { AdmitDocument, DoorDocument, UndoCheckInDocument, type DoorTicketFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useSend, useTellErrors } from '@/api/send';
import { Page, Sheet } from '@/part/page';
import { useSiteTime } from '@/part/site-time';
import { Loading, Problem } from '@/part/state';
import { EventStateTag } from './words';
import css from './check-in.module.css';

/** How it went at the door: let in, let in before, or not to be let in. */
type Outcome = 'in' | 'before' | 'no';

interface Answer {
  key: number;
  outcome: Outcome;
  code: string;
  ticket: DoorTicketFragment | null;
  /** Why somebody is not let in. */
  why: string;
}

/** How many of the last answers stand below the newest. */
const shown = 10;

/**
 * The door of an event: a ticket's code is scanned or typed, Enter asks, and the answer can be read from a step away. A scanner on USB types like a
 * keyboard, so what is typed anywhere on the page goes into the field.
 */
export default function CheckInPage() {
  const { t, format } = useLocale();
  const { id = '' } = useParams();
  const time = useSiteTime();
  const [{ data, error }, reload] = useQuery({ query: DoorDocument, variables: { id }, requestPolicy: 'cache-and-network' });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const [answers, setAnswers] = useState<Answer[]>([]);
  const event = data?.event;
  const back = { to: `/events/${id}`, label: event?.name ?? t('nav.events') };
  if (!event) {
    return (
      <Page title={t('door.title')} back={back}>
        {error ? <Problem error={error} retry={refresh} /> : <Loading />}
      </Page>
    );
  }
  const answered = (answer: Omit<Answer, 'key'>) => {
    setAnswers((before) => [{ ...answer, key: (before[0]?.key ?? 0) + 1 }, ...before].slice(0, shown + 1));
    refresh();
  };
  const undone = (key: number) => {
    setAnswers((before) => before.filter((one) => one.key !== key));
    refresh();
  };
  const [newest, ...older] = answers;
  return (
    <Page
      title={t('door.title')}
      back={back}
      heading={
        <span className={css.heading}>
          {t('door.title')} <EventStateTag state={event.state} />
        </span>
      }
      lead={[event.name, time.span(event.startsAt, event.endsAt), event.place].filter(Boolean).join(' · ')}
    >
      <Sheet title={t('door.scan')} lead={t('door.lead')}>
        <Scan eventId={id} onAnswer={answered} />
        <p className={css.inside}>{t('door.inside', { used: format.number(event.sales.used), sold: format.number(event.sales.sold) })}</p>
        <div role="status" aria-live="assertive">
          {newest && <Big key={newest.key} answer={newest} />}
        </div>
        {newest?.outcome === 'in' && newest.ticket && <Undo ticket={newest.ticket} onDone={() => undone(newest.key)} />}
      </Sheet>
      {older.length > 0 && (
        <Sheet title={t('door.last')}>
          <ol className={css.older} aria-label={t('door.last')}>
            {older.map((answer) => (
              <li key={answer.key} data-outcome={answer.outcome}>
                <span>{answer.ticket?.holder?.displayName ?? answer.code}</span>
                <span className="dim">{t(`door.${answer.outcome}`)}</span>
              </li>
            ))}
          </ol>
        </Sheet>
      )}
    </Page>
  );
}

/** The field: it has the focus from the start, and takes what is typed while nothing else has it. */
function Scan({ eventId, onAnswer }: { eventId: string; onAnswer: (answer: Omit<Answer, 'key'>) => void }) {
  const locale = useLocale();
  const { t } = locale;
  const client = useClient();
  const time = useSiteTime();
  const field = useRef<HTMLInputElement>(null);
  const [code, setCode] = useState('');
  useEffect(() => {
    const take = (event: KeyboardEvent) => {
      const elsewhere = document.activeElement !== document.body && document.activeElement !== null;
      if (event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey && !elsewhere) field.current?.focus();
    };
    document.addEventListener('keydown', take, true);
    return () => document.removeEventListener('keydown', take, true);
  }, []);

  const ask = async (event: FormEvent) => {
    event.preventDefault();
    const asked = code.trim();
    field.current?.focus();
    if (asked === '') return;
    setCode(''); // at once: the next is scanned while this one is asked about
    const { data, error } = await client.mutation(AdmitDocument, { input: { code: asked, eventId } }).toPromise();
    if (error || !data) return onAnswer({ outcome: 'no', code: asked, ticket: null, why: error ? failureText(locale, error) : t('error.INTERNAL') });
    const { ticket, errors } = data.checkInTicket;
    const [first] = errors;
    if (!first) return onAnswer({ outcome: 'in', code: asked, ticket, why: '' });
    const why = first.code === 'USED' && ticket?.usedAt ? t('door.usedAt', { when: time.moment(ticket.usedAt) })
      : first.code === 'OTHER_EVENT' && ticket ? t('door.otherEvent', { event: ticket.event.name, when: time.moment(ticket.event.startsAt) })
      : first.code === 'UNKNOWN' ? t('door.unknown')
      : textOf(locale, first.code, first.message);
    onAnswer({ outcome: first.code === 'USED' ? 'before' : 'no', code: asked, ticket, why });
  };
  return (
    <form onSubmit={(event) => void ask(event)} className={css.scan} noValidate>
      <TextInput
        ref={field}
        className={css.field}
        label={t('door.code')}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        size="lg"
        maxLength={200}
        data-autofocus
        autoFocus
        autoComplete="off"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        enterKeyHint="go"
      />
      <Button type="submit" size="lg">
        {t('order.ticket.admit')}
      </Button>
    </form>
  );
}

const icons = { in: CircleCheck, before: CircleAlert, no: CircleX } as const;

function Big({ answer }: { answer: Answer }) {
  const { t } = useLocale();
  const Icon = icons[answer.outcome];
  return (
    <div className={css.big} data-outcome={answer.outcome}>
      <Icon size={56} aria-hidden />
      <div className={css.words}>
        <strong>{t(`door.${answer.outcome}`)}</strong>
        {answer.ticket && <span className={css.who}>{[answer.ticket.holder?.displayName, answer.ticket.product.name, answer.ticket.seat].filter(Boolean).join(' · ')}</span>}
        {answer.why && <span>{answer.why}</span>}
        {!answer.ticket && <span className={css.code}>{answer.code}</span>}
      </div>
    </div>
  );
}

function Undo({ ticket, onDone }: { ticket: DoorTicketFragment; onDone: () => void }) {
  const { t } = useLocale();
  const { send, busy } = useSend(UndoCheckInDocument);
  const ok = useTellErrors();
  const undo = async () => {
    if (ok(await send({ input: { id: ticket.id } }))) onDone();
  };
  return (
    <Button variant="default" mt="sm" loading={busy} onClick={() => void undo()}>
      {t('order.ticket.undo')}
    </Button>
  );
}
