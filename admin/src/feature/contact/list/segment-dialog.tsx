import { Button, Modal, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Layers } from 'lucide-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { CreateSegmentDocument, type ContactFilter } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused } from '@/part/form';

/** Keeps what is searched for as a segment, which follows by itself (P-14). */
export function SaveSegment({ rule, disabled }: { rule: ContactFilter; disabled: boolean }) {
  const { t } = useLocale();
  const [opened, setOpened] = useState(false);
  const close = () => setOpened(false);
  return (
    <>
      <Button size="compact-sm" variant="default" disabled={disabled} leftSection={<Layers size={13} aria-hidden />} onClick={() => setOpened(true)}>
        {t('contactList.saveSegment')}
      </Button>
      <Modal opened={opened} onClose={close} title={t('contactList.saveSegment')} closeButtonProps={{ 'aria-label': t('action.close') }}>
        {opened && <SegmentForm rule={rule} onClose={close} />}
      </Modal>
    </>
  );
}

function SegmentForm({ rule, onClose }: { rule: ContactFilter; onClose: () => void }) {
  const locale = useLocale();
  const { t } = locale;
  const navigate = useNavigate();
  const { send, busy } = useSend(CreateSegmentDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({ initialValues: { name: '' } });
  const submit = async (values: typeof form.values) => {
    const payload = await send({ input: { ...values, rule } });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (!payload.segment) return;
    confirmDone(t('form.saved'));
    onClose();
    void navigate(`/segments/${payload.segment.id}`);
  };
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <TextInput label={t('segment.name')} description={t('contactList.segmentHelp')} required data-autofocus maxLength={200} {...form.getInputProps('name')} />
      <FormButtons busy={busy} save={t('action.create')} onCancel={onClose} />
    </form>
  );
}
