import { Button, Switch, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { refusalOf } from '@/api/error';
import { useSend } from '@/api/send';
import { CreateConsentPurposeDocument, UpdateConsentPurposeDocument, type PurposeFullFragment } from '@/gql/graphql';
import { languageNames, languages } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import { Refused, Stack } from '@/part/form';

interface Values {
  code: string;
  name: string;
  wording: Record<string, string>;
  doubleOptIn: boolean;
  measures: boolean;
}

/** A purpose and its wording in every language. A changed text becomes a new version. */
export function PurposeForm({ purpose, onSaved }: { purpose: PurposeFullFragment | null; onSaved: () => void }) {
  const locale = useLocale();
  const { t } = locale;
  const create = useSend(CreateConsentPurposeDocument);
  const update = useSend(UpdateConsentPurposeDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm<Values>({
    initialValues: {
      code: purpose?.code ?? '',
      name: purpose?.name ?? '',
      wording: Object.fromEntries(languages.map((language) => [language, purpose?.wording.find((one) => one.language === language)?.text ?? ''])),
      doubleOptIn: purpose?.doubleOptIn ?? false,
      measures: purpose?.measures ?? false,
    },
  });
  const submit = async ({ code, name, wording: texts, doubleOptIn, measures }: Values) => {
    const wording = languages.flatMap((language) => (texts[language]?.trim() ? [{ language, text: texts[language] }] : []));
    const payload = purpose ? await update.send({ input: { id: purpose.id, name, wording, doubleOptIn, measures } }) : await create.send({ input: { code, name, wording, doubleOptIn, measures } });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, form.values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (payload.errors.length === 0) onSaved();
  };
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        {!purpose && <TextInput label={t('setting.consent.code')} description={t('setting.consent.codeHelp')} required {...form.getInputProps('code')} />}
        <TextInput label={t('setting.consent.name')} required {...form.getInputProps('name')} />
        <p className="dim">{t('setting.consent.wordingHelp', { place: '{site}' })}</p>
        {languages.map((language) => (
          <Textarea key={language} lang={language} label={languageNames[language]} autosize minRows={2} maxLength={2000} {...form.getInputProps(`wording.${language}`)} />
        ))}
        <Switch label={t('setting.consent.doubleOptIn')} description={t('setting.consent.doubleOptInHelp')} {...form.getInputProps('doubleOptIn', { type: 'checkbox' })} />
        <Switch label={t('setting.consent.measures')} description={t('setting.consent.measuresHelp')} {...form.getInputProps('measures', { type: 'checkbox' })} />
        <Button type="submit" loading={create.busy || update.busy}>
          {t('action.save')}
        </Button>
      </Stack>
    </form>
  );
}
