import { Modal, Textarea } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useSend } from '@/api/send';
import { useDialog } from '@/feature/order/use-dialog';
import { RefuseEventDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';

/** Sends a submitted event back to its organizer, with the reason that they read. */
export function RefuseDialog({ event, onClose, onDone }: { event: { id: string; name: string }; onClose: () => void; onDone: () => void }) {
  const { t } = useLocale();
  const { send, busy } = useSend(RefuseEventDocument);
  const dialog = useDialog(onClose, ['reason']);
  const [reason, setReason] = useState('');
  const submit = async (sent: FormEvent) => {
    sent.preventDefault();
    if (dialog.answered(await send({ input: { id: event.id, reason } }), t('event.refused'))) onDone();
  };
  return (
    <Modal opened onClose={onClose} title={t('event.refuseTitle', { name: event.name })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form onSubmit={(sent) => void submit(sent)} noValidate>
        <Refused texts={dialog.rest} />
        <Stack>
          <div className="dim">{t('event.refuseText')}</div>
          <Textarea label={t('order.why')} required value={reason} onChange={(typed) => setReason(typed.currentTarget.value)} maxLength={1000} autosize minRows={3} error={dialog.at('reason')} data-autofocus />
        </Stack>
        <FormButtons busy={busy} save={t('event.refuse')} onCancel={onClose} />
      </form>
    </Modal>
  );
}
