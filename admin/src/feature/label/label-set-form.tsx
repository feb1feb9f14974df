import { Checkbox, Switch, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { CreateLabelSetDocument, UpdateLabelSetDocument, type ContactKind, type LabelAudience, type LabelInput, type LabelSetFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';
import { LabelsEditor, type LabelDraft } from './labels-editor';

const kinds: readonly ContactKind[] = ['PERSON', 'ORGANIZATION'];
const audiences: readonly LabelAudience[] = ['BUYER', 'MEMBER', 'ORGANIZER'];

interface Values {
  name: string;
  description: string;
  kinds: ContactKind[];
  audiences: LabelAudience[];
  exclusive: boolean;
  labels: LabelDraft[];
}

const valuesOf = (set: LabelSetFullFragment | null): Values => ({
  name: set?.name ?? '',
  description: set?.description ?? '',
  kinds: set ? [...set.kinds] : [...kinds],
  audiences: set ? [...set.audiences] : ['BUYER'],
  exclusive: set?.exclusive ?? false,
  labels: (set?.labels ?? []).filter((label) => label.archivedAt === null).map(({ id, name, color }) => ({ key: id, id, name, color })),
});

const labelInput = ({ id, name, color }: LabelDraft): LabelInput => ({ ...(id && { id }), name, color });

/** Makes a label set, or changes one: what it is called, for whom, and its labels in order (T-63, T-64, S-55). */
export function LabelSetForm({ set, onClose, onSaved }: { set: LabelSetFullFragment | null; onClose: () => void; onSaved: () => void }) {
  const locale = useLocale();
  const { t } = locale;
  const create = useSend(CreateLabelSetDocument);
  const update = useSend(UpdateLabelSetDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm<Values>({ initialValues: valuesOf(set) });
  const submit = async (values: Values) => {
    const input = { ...values, labels: values.labels.map(labelInput) };
    const payload = await (set ? update.send({ input: { id: set.id, ...input } }) : create.send({ input }));
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (payload.errors.length > 0) return;
    confirmDone(t('form.saved'));
    onSaved();
    onClose();
  };
  const errors = Object.fromEntries(Object.entries(form.errors).map(([path, text]) => [path, String(text)]));
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <TextInput label={t('label.setName')} description={t('label.setNameHelp')} required data-autofocus {...form.getInputProps('name')} />
        <Textarea label={t('group.description')} autosize minRows={1} maxRows={6} {...form.getInputProps('description')} />
        <Checkbox.Group
          label={t('label.kinds')}
          value={form.values.kinds}
          error={form.errors['kinds']}
          onChange={(values) => form.setFieldValue('kinds', kinds.filter((kind) => values.includes(kind)))}
        >
          {kinds.map((kind) => (
            <Checkbox key={kind} mt="xs" value={kind} label={t(`label.kind.${kind}`)} />
          ))}
        </Checkbox.Group>
        <Checkbox.Group
          label={t('label.audiences')}
          description={t('label.audiencesHelp')}
          value={form.values.audiences}
          error={form.errors['audiences']}
          onChange={(values) => form.setFieldValue('audiences', audiences.filter((audience) => values.includes(audience)))}
        >
          {audiences.map((audience) => (
            <Checkbox key={audience} mt="xs" value={audience} label={t(`label.audience.${audience}`)} />
          ))}
        </Checkbox.Group>
        <Switch label={t('label.exclusive')} description={t('label.exclusiveHelp')} error={form.errors['exclusive']} {...form.getInputProps('exclusive', { type: 'checkbox' })} />
        <LabelsEditor labels={form.values.labels} errors={errors} onChange={(change) => form.setFieldValue('labels', change)} />
      </Stack>
      <FormButtons busy={create.busy || update.busy} save={set ? t('action.save') : t('action.create')} onCancel={onClose} />
    </form>
  );
}
