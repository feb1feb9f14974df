import { ActionIcon, Modal, TextInput, Tooltip } from '@mantine/core';
import { CalendarX, CircleMinus, DoorOpen, RefreshCw, Undo, UserCheck, UserX } from 'lucide-react';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useClient } from 'urql';
import { failureText } from '@/api/error';
import { confirmDone, tell, useSend, useTellErrors } from '@/api/send';
import { useDialog } from '@/feature/order/use-dialog';
import { useSession } from '@/feature/session/session';
import {
  CancelBookingDocument, CancelMembershipDocument, CheckInTicketDocument, MarkBookingAttendedDocument, RenewMembershipDocument, TicketCodeDocument, UndoCheckInDocument,
  UndoUsePassDocument, UsePassDocument, type MembershipState,
} from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { FormButtons, Refused, Stack } from '@/part/form';
import css from './held-actions.module.css';

// What can be done with what a contact holds: on the page of the order that gave it, and in the contact's histories.

interface DeedProps {
  /** What it does. */
  text: string;
  /** To what, for who does not see the row. */
  of: string;
  icon: ReactNode;
  busy: boolean;
  onClick: () => void;
}

function Deed({ text, of, icon, busy, onClick }: DeedProps) {
  return (
    <Tooltip label={text}>
      <ActionIcon size={32} variant="default" aria-label={`${text}: ${of}`} disabled={busy} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

interface Props<Held> {
  held: Held;
  /** What it is called. */
  name: string;
  onChange: () => void;
}

/** Takes a use of a pass, and gives one back. */
export function PassActions({ held, name, onChange }: Props<{ id: string; uses: number; used: number; cancelledAt: string | null }>) {
  const { t } = useLocale();
  const { can } = useSession();
  const use = useSend(UsePassDocument);
  const undo = useSend(UndoUsePassDocument);
  const ok = useTellErrors();
  if (!can('OPERATOR') || held.cancelledAt !== null) return null;
  const busy = use.busy || undo.busy;
  const run = async (way: typeof use, done: string) => {
    if (ok(await way.send({ input: { id: held.id } }))) confirmDone(done);
    onChange();
  };
  return (
    <span className={css.deeds}>
      {held.used < held.uses && <Deed text={t('held.use')} of={name} icon={<CircleMinus size={16} aria-hidden />} busy={busy} onClick={() => void run(use, t('held.useDone'))} />}
      {held.used > 0 && <Deed text={t('held.undoUse')} of={name} icon={<Undo size={16} aria-hidden />} busy={busy} onClick={() => void run(undo, t('held.undoUseDone'))} />}
    </span>
  );
}

/** Lets a ticket's holder in, and takes that back. */
export function TicketActions({ held, name, onChange }: Props<{ id: string; used: boolean }>) {
  const locale = useLocale();
  const { t } = locale;
  const { can } = useSession();
  const client = useClient();
  const admit = useSend(CheckInTicketDocument);
  const undo = useSend(UndoCheckInDocument);
  const ok = useTellErrors();
  if (!can('OPERATOR')) return null;
  const busy = admit.busy || undo.busy;
  const doAdmit = async () => {
    const { data, error } = await client.query(TicketCodeDocument, { id: held.id }).toPromise();
    if (error) return tell(failureText(locale, error));
    if (data && ok(await admit.send({ input: { code: data.ticket.code ?? '' } }))) confirmDone(t('order.ticket.in'));
    onChange();
  };
  const doUndo = async () => {
    if (ok(await undo.send({ input: { id: held.id } }))) confirmDone(t('order.ticket.undone'));
    onChange();
  };
  return held.used
    ? <Deed text={t('order.ticket.undo')} of={name} icon={<Undo size={16} aria-hidden />} busy={busy} onClick={() => void doUndo()} />
    : <Deed text={t('order.ticket.admit')} of={name} icon={<DoorOpen size={16} aria-hidden />} busy={busy} onClick={() => void doAdmit()} />;
}

/** Says whether whoever booked came, and frees the slot. */
export function BookingActions({ held, name, onChange }: Props<{ id: string; state: 'BOOKED' | 'ATTENDED' | 'CANCELLED' }>) {
  const { t } = useLocale();
  const { can } = useSession();
  const confirm = useConfirm();
  const mark = useSend(MarkBookingAttendedDocument);
  const cancel = useSend(CancelBookingDocument);
  const ok = useTellErrors();
  if (!can('OPERATOR') || held.state === 'CANCELLED') return null;
  const came = held.state === 'ATTENDED';
  const busy = mark.busy || cancel.busy;
  const doMark = async () => {
    if (ok(await mark.send({ input: { id: held.id, attended: !came } }))) confirmDone(t(came ? 'held.cameNot' : 'held.cameDone'));
    onChange();
  };
  const doCancel = async () => {
    if (!(await confirm({ title: t('held.cancelTitle', { name }), text: t('held.cancelText'), yes: t('held.cancel'), danger: true }))) return;
    if (ok(await cancel.send({ input: { id: held.id } }))) confirmDone(t('held.cancelDone'));
    onChange();
  };
  return (
    <span className={css.deeds}>
      <Deed text={t(came ? 'held.undoCame' : 'held.came')} of={name} icon={came ? <UserX size={16} aria-hidden /> : <UserCheck size={16} aria-hidden />} busy={busy} onClick={() => void doMark()} />
      {(!came || can('MANAGER')) && <Deed text={t('held.cancel')} of={name} icon={<CalendarX size={16} aria-hidden />} busy={busy} onClick={() => void doCancel()} />}
    </span>
  );
}

interface HeldMembership {
  id: string;
  startsOn: string;
  endsOn: string | null;
  cancelledAt: string | null;
  state: MembershipState;
}

/** Ends a membership, and gives another term of it. */
export function MembershipActions({ held, name, onChange }: Props<HeldMembership>) {
  const { t } = useLocale();
  const { can } = useSession();
  const confirm = useConfirm();
  const renew = useSend(RenewMembershipDocument);
  const ok = useTellErrors();
  const [ending, setEnding] = useState(false);
  const doRenew = async () => {
    if (!(await confirm({ title: t('held.renewTitle', { name }), text: t('held.renewText'), yes: t('held.renew') }))) return;
    if (ok(await renew.send({ input: { id: held.id } }))) confirmDone(t('held.renewDone'));
    onChange();
  };
  return (
    <span className={css.deeds}>
      {can('MANAGER') && held.endsOn !== null && <Deed text={t('held.renew')} of={name} icon={<RefreshCw size={16} aria-hidden />} busy={renew.busy} onClick={() => void doRenew()} />}
      {can('OPERATOR') && held.state !== 'ENDED' && <Deed text={t('held.end')} of={name} icon={<CalendarX size={16} aria-hidden />} busy={false} onClick={() => setEnding(true)} />}
      {ending && <EndDialog held={held} name={name} onClose={() => setEnding(false)} onDone={onChange} />}
    </span>
  );
}

function EndDialog({ held, name, onClose, onDone }: { held: HeldMembership; name: string; onClose: () => void; onDone: () => void }) {
  const { t } = useLocale();
  const { send, busy } = useSend(CancelMembershipDocument);
  const dialog = useDialog(onClose, ['at']);
  const [at, setAt] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (dialog.answered(await send({ input: { id: held.id, ...(at && { at }) } }), t('held.endDone'))) onDone();
  };
  return (
    <Modal opened onClose={onClose} title={t('held.endTitle', { name })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Refused texts={dialog.rest} />
        <Stack>
          <div className="dim">{t('held.endText')}</div>
          <TextInput
            type="date"
            label={t('held.lastDay')}
            description={t(held.state === 'AHEAD' ? 'held.lastDayAhead' : 'held.lastDayHelp')}
            min={held.startsOn}
            {...(held.endsOn && { max: held.endsOn })}
            value={at}
            onChange={(event) => setAt(event.currentTarget.value)}
            error={dialog.at('at')}
            data-autofocus
          />
        </Stack>
        <FormButtons busy={busy} save={t('held.end')} onCancel={onClose} />
      </form>
    </Modal>
  );
}
