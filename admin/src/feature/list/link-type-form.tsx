import { Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { otherLanguages } from '@/feature/field/field-draft';
import { useSession } from '@/feature/session/session';
import { CreateLinkTypeDocument, UpdateLinkTypeDocument, type ContactKind, type LinkTypeFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Row, Stack } from '@/part/form';
import { textsOf, translationsOf, type Texts } from './texts';
import { TranslatedNames } from './translated';

const kinds: readonly ContactKind[] = ['PERSON', 'ORGANIZATION'];

interface Values {
  name: string;
  reverseName: string;
  fromKind: ContactKind | '';
  toKind: ContactKind | '';
  translations: Texts;
}

/** Adds a type of link, or changes what it is called; whom it links is said once. */
export function LinkTypeForm({ type, onClose, onSaved }: { type: LinkTypeFullFragment | null; onClose: () => void; onSaved: () => void }) {
  const locale = useLocale();
  const { t } = locale;
  const { site } = useSession();
  const create = useSend(CreateLinkTypeDocument);
  const update = useSend(UpdateLinkTypeDocument);
  const [rest, setRest] = useState<string[]>([]);
  const others = otherLanguages(site.language);
  const form = useForm<Values>({
    initialValues: {
      name: type?.name ?? '',
      reverseName: type?.reverseName ?? '',
      fromKind: type?.fromKind ?? '',
      toKind: type?.toKind ?? '',
      translations: textsOf(type?.translations, others, ['name', 'reverseName']),
    },
  });
  const submit = async ({ name, reverseName, fromKind, toKind, translations: texts }: Values) => {
    const input = { name, reverseName, translations: translationsOf(texts) };
    const payload = await (type
      ? update.send({ input: { id: type.id, ...input } })
      : create.send({ input: { ...input, ...(fromKind && { fromKind }), ...(toKind && { toKind }) } }));
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, { name: '', reverseName: '', fromKind: '', toKind: '' });
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (payload.errors.length > 0) return;
    confirmDone(t('form.saved'));
    onSaved();
    onClose();
  };
  const ends = [{ value: '', label: t('list.for.BOTH') }, ...kinds.map((value) => ({ value, label: t(`list.for.${value}`) }))];
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <TextInput label={t('list.linkName')} description={t('list.linkNameHelp')} required data-autofocus {...form.getInputProps('name')} />
        <TextInput label={t('list.linkReverse')} description={t('list.linkReverseHelp')} required {...form.getInputProps('reverseName')} />
        <Row>
          <Select label={t('list.from')} disabled={type !== null} allowDeselect={false} data={ends} {...form.getInputProps('fromKind')} />
          <Select label={t('list.to')} disabled={type !== null} allowDeselect={false} data={ends} {...form.getInputProps('toKind')} />
        </Row>
        <TranslatedNames
          languages={others}
          names={[
            { name: 'name', label: t('list.linkName'), own: form.values.name },
            { name: 'reverseName', label: t('list.linkReverse'), own: form.values.reverseName },
          ]}
          texts={form.values.translations}
          onChange={(texts) => form.setFieldValue('translations', texts)}
        />
      </Stack>
      <FormButtons busy={create.busy || update.busy} save={type ? t('action.save') : t('action.create')} onCancel={onClose} />
    </form>
  );
}
