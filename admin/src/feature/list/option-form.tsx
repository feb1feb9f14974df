import { Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { otherLanguages } from '@/feature/field/field-draft';
import { useSession } from '@/feature/session/session';
import { CreateContactOptionDocument, UpdateContactOptionDocument, type ContactKind, type ContactOptionList, type OptionFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';
import { textsOf, translationsOf, type Texts } from './texts';
import { TranslatedNames } from './translated';

interface Props {
  list: ContactOptionList;
  option: OptionFullFragment | null;
  onClose: () => void;
  onSaved: () => void;
}

const kinds: readonly ContactKind[] = ['PERSON', 'ORGANIZATION'];

interface Values {
  name: string;
  kind: ContactKind | '';
  translations: Texts;
}

/** Adds an option to a list, or changes one. */
export function OptionForm({ list, option, onClose, onSaved }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const { site } = useSession();
  const create = useSend(CreateContactOptionDocument);
  const update = useSend(UpdateContactOptionDocument);
  const [rest, setRest] = useState<string[]>([]);
  const others = otherLanguages(site.language);
  // Titles and functions are for people.
  const choosesKind = list === 'NATURE';
  const form = useForm<Values>({
    initialValues: { name: option?.name ?? '', kind: option?.kind ?? (option || choosesKind ? '' : 'PERSON'), translations: textsOf(option?.translations, others, ['name']) },
  });
  const submit = async ({ name, kind, translations: texts }: Values) => {
    const input = { name, kind: kind || null, translations: translationsOf(texts) };
    const payload = await (option ? update.send({ input: { id: option.id, ...input } }) : create.send({ input: { list, ...input } }));
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, { name: '', kind: '' });
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (payload.errors.length > 0) return;
    confirmDone(t('form.saved'));
    onSaved();
    onClose();
  };
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <TextInput label={t('group.name')} required data-autofocus {...form.getInputProps('name')} />
        {choosesKind && (
          <Select
            label={t('list.kind')}
            allowDeselect={false}
            data={[{ value: '', label: t('list.for.BOTH') }, ...kinds.map((value) => ({ value, label: t(`list.for.${value}`) }))]}
            {...form.getInputProps('kind')}
          />
        )}
        <TranslatedNames
          languages={others}
          names={[{ name: 'name', label: t('group.name'), own: form.values.name }]}
          texts={form.values.translations}
          onChange={(texts) => form.setFieldValue('translations', texts)}
        />
      </Stack>
      <FormButtons busy={create.busy || update.busy} save={option ? t('action.save') : t('action.create')} onCancel={onClose} />
    </form>
  );
}
