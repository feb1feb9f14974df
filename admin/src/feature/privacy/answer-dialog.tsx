import { Modal, Textarea } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { textOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { AnswerPrivacyRequestDocument, type MendFragment, type PrivacyRequestFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';

interface Props {
  request: PrivacyRequestFullFragment;
  done: boolean;
  onClose: () => void;
  onAnswered: () => void;
}

/** Asks what the person is told, then answers their request. */
export function AnswerDialog({ request, done, onClose, onAnswered }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const { send, busy } = useSend(AnswerPrivacyRequestDocument);
  const [reason, setReason] = useState('');
  const [errors, setErrors] = useState<MendFragment[]>([]);
  const what = done ? 'done' : 'refuse';
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const payload = await send({ input: { id: request.id, done, reason } });
    if (!payload) return;
    setErrors(payload.errors);
    if (payload.errors.length > 0) return;
    confirmDone(t('privacy.answered'));
    onAnswered();
    onClose();
  };
  const wrong = errors.find((error) => error.path.includes('reason'));
  return (
    <Modal opened onClose={onClose} title={t(`privacy.${what}.title`)} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Refused texts={errors.filter((error) => error !== wrong).map((error) => textOf(locale, error.code, error.message))} />
        <Stack>
          <div className="dim">{t(`privacy.${what}.text`, { email: request.email ?? '' })}</div>
          <Textarea
            label={t(`privacy.${what}.reason`)}
            description={t('privacy.reasonHint')}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            required={!done}
            maxLength={2000}
            minRows={3}
            autosize
            data-autofocus
            error={wrong && textOf(locale, wrong.code, wrong.message)}
          />
        </Stack>
        <FormButtons busy={busy} save={t(`privacy.${what}.yes`)} onCancel={onClose} />
      </form>
    </Modal>
  );
}
