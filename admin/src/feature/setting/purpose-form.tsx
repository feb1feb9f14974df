import { Switch, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { otherLanguages } from '@/feature/field/field-draft';
import { textsOf, translationsOf, type Texts } from '@/feature/list/texts';
import { TranslatedNames } from '@/feature/list/translated';
import { useSession } from '@/feature/session/session';
import { CreateConsentPurposeDocument, UpdateConsentPurposeDocument, type PurposeFullFragment } from '@/gql/graphql';
import { languageNames, languages } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';

interface Values {
  code: string;
  name: string;
  translations: Texts;
  wording: Record<string, string>;
  doubleOptIn: boolean;
  measures: boolean;
}

/** A purpose, its names and its wording in every language. A changed text becomes a new version. */
export function PurposeForm({ purpose, onClose, onSaved }: { purpose: PurposeFullFragment | null; onClose: () => void; onSaved: () => void }) {
  const locale = useLocale();
  const { t } = locale;
  const others = otherLanguages(useSession().site.language);
  const create = useSend(CreateConsentPurposeDocument);
  const update = useSend(UpdateConsentPurposeDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm<Values>({
    initialValues: {
      code: purpose?.code ?? '',
      name: purpose?.name ?? '',
      translations: textsOf(purpose?.translations, others, ['name', 'description']),
      wording: Object.fromEntries(languages.map((language) => [language, purpose?.wording.find((one) => one.language === language)?.text ?? ''])),
      doubleOptIn: purpose?.doubleOptIn ?? false,
      measures: purpose?.measures ?? false,
    },
  });
  const submit = async ({ code, name, translations: names, wording: texts, doubleOptIn, measures }: Values) => {
    const wording = languages.flatMap((language) => (texts[language]?.trim() ? [{ language, text: texts[language] }] : []));
    const input = { name, translations: translationsOf(names), wording, doubleOptIn, measures };
    const payload = await (purpose ? update.send({ input: { id: purpose.id, ...input } }) : create.send({ input: { code, ...input } }));
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, form.values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (payload.errors.length > 0) return;
    confirmDone(t('form.saved'));
    onSaved();
  };
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        {!purpose && <TextInput label={t('setting.consent.code')} description={t('setting.consent.codeHelp')} required {...form.getInputProps('code')} />}
        <TextInput label={t('setting.consent.name')} description={t('setting.consent.nameHelp')} required {...form.getInputProps('name')} />
        <TranslatedNames
          languages={others}
          names={[{ name: 'name', label: t('setting.consent.name'), own: form.values.name }]}
          texts={form.values.translations}
          onChange={(changed) => form.setFieldValue('translations', changed)}
        />
        <p className="dim">{t('setting.consent.wordingHelp', { place: '{site}' })}</p>
        {languages.map((language) => (
          <Textarea key={language} lang={language} label={languageNames[language]} autosize minRows={2} maxLength={2000} {...form.getInputProps(`wording.${language}`)} />
        ))}
        <Switch label={t('setting.consent.doubleOptIn')} description={t('setting.consent.doubleOptInHelp')} {...form.getInputProps('doubleOptIn', { type: 'checkbox' })} />
        <Switch label={t('setting.consent.measures')} description={t('setting.consent.measuresHelp')} {...form.getInputProps('measures', { type: 'checkbox' })} />
      </Stack>
      <FormButtons busy={create.busy || update.busy} save={t('action.save')} onCancel={onClose} />
    </form>
  );
}
