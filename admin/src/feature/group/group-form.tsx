import { Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { CreateGroupDocument, UpdateGroupDocument, type GroupFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { ColorInput } from '@/part/color-input';
import { FormButtons, Refused, Stack } from '@/part/form';

interface Props {
  group: GroupFullFragment | null;
  onClose: () => void;
  onSaved: () => void;
}

/** Makes a group, or changes one. */
export function GroupForm({ group, onClose, onSaved }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const create = useSend(CreateGroupDocument);
  const update = useSend(UpdateGroupDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({ initialValues: { name: group?.name ?? '', description: group?.description ?? '', color: group?.color ?? '' } });
  const submit = async (values: typeof form.values) => {
    const payload = await (group ? update.send({ input: { id: group.id, ...values } }) : create.send({ input: values }));
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (!payload.group) return;
    confirmDone(t('form.saved'));
    onSaved();
    onClose();
  };
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <TextInput label={t('group.name')} required data-autofocus {...form.getInputProps('name')} />
        <Textarea label={t('group.description')} autosize minRows={2} maxRows={6} {...form.getInputProps('description')} />
        <ColorInput label={t('group.color')} {...form.getInputProps('color')} />
      </Stack>
      <FormButtons busy={create.busy || update.busy} save={group ? t('action.save') : t('action.create')} onCancel={onClose} />
    </form>
  );
}
