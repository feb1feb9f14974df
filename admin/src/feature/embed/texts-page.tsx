import { SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { textOf, type Refusal } from '@/api/error';
import { useSend } from '@/api/send';
import { SaveWidgetTextsDocument, WidgetTextsDocument, type MendFragment, type SiteTextsFragment } from '@/gql/graphql';
import { languageNames, languages, type Language } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import { Refused, Row, SaveBar, Stack } from '@/part/form';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { EmbedFrame } from './embed-frame';
import { inputOf, linksOf, names, rowsOf, textsOf, type LegalLink, type Name, type Texts } from './texts';
import { useSiteForm } from './use-site-form';

const labels = {
  'login.title': 'embed.texts.loginTitle',
  'login.intro': 'embed.texts.loginIntro',
  'login.submit': 'embed.texts.loginSubmit',
  'registration.title': 'embed.texts.registrationTitle',
  'registration.intro': 'embed.texts.registrationIntro',
  'registration.submit': 'embed.texts.registrationSubmit',
  'preferences.title': 'embed.texts.preferencesTitle',
  'preferences.intro': 'embed.texts.preferencesIntro',
} as const satisfies Record<Name, string>;

/** The site's own words in the login, the registration and the preferences. */
export default function TextsPage() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: WidgetTextsDocument });
  return (
    <EmbedFrame title={t('embed.tab.texts')}>
      {data ? <TextsForm site={data.site} /> : error ? <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} /> : <Loading />}
    </EmbedFrame>
  );
}

function TextsForm({ site }: { site: SiteTextsFragment }) {
  const locale = useLocale();
  const { t } = locale;
  const { send, busy } = useSend(SaveWidgetTextsDocument);
  const [language, setLanguage] = useState<Language>(locale.language);

  const refuse = (errors: readonly MendFragment[], texts: Texts): Refusal => {
    const refusal: Refusal = { fields: {}, rest: [] };
    for (const { code, message, path } of errors) {
      const link = path[0] === 'legalLinks' ? linksOf(texts)[Number(path[1])] : undefined;
      const said = code === 'INVALID_URL' ? t('embed.texts.linkWrong') : textOf(locale, code, message);
      if (link) refusal.fields[`${link.language} ${link.row} ${path[2] ?? 'url'}`] = said;
      else refusal.rest.push(said);
    }
    const [wrong = ''] = Object.keys(refusal.fields);
    setLanguage((shown) => languages.find((one) => wrong.startsWith(one)) ?? shown);
    return refusal;
  };
  const { value, setValue, dirty, refused, reset, save } = useSiteForm({ site, read: textsOf, input: inputOf, send, refuse });
  const setWord = (name: Name, text: string) => setValue({ ...value, words: { ...value.words, [`${language} ${name}`]: text } });
  const rows = rowsOf(value, language);
  const setLink = (at: number, change: Partial<LegalLink>) =>
    setValue({ ...value, links: { ...value.links, [language]: rows.map((row, i) => (i === at ? { ...row, ...change } : row)).filter((row, i) => i <= at || row.label || row.url) } });

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Refused texts={refused.rest} />
      <Sheet
        title={t('embed.texts.title')}
        lead={t('embed.texts.lead', { site: '{site}' })}
        aside={
          <SegmentedControl
            aria-label={t('setting.language')}
            value={language}
            onChange={(picked) => setLanguage(languages.find((one) => one === picked) ?? language)}
            data={languages.map((one) => ({ value: one, label: languageNames[one] }))}
          />
        }
      >
        <Stack>
          {(Object.keys(names) as Name[]).map((name) => (
            <TextInput
              key={name}
              lang={language}
              label={t(labels[name])}
              placeholder={t('embed.texts.own')}
              maxLength={names[name]}
              value={value.words[`${language} ${name}`] ?? ''}
              onChange={(event) => setWord(name, event.currentTarget.value)}
            />
          ))}
        </Stack>
      </Sheet>
      <Sheet title={t('embed.texts.links')} lead={t('embed.texts.linksLead')}>
        <Stack>
          {rows.map((row, at) => (
            <Row key={at}>
                <TextInput
                  lang={language}
                  label={t('embed.texts.linkLabel', { n: at + 1 })}
                  placeholder={t('embed.texts.linkExample')}
                  maxLength={60}
                  value={row.label}
                  error={refused.fields[`${language} ${at} label`]}
                  onChange={(event) => setLink(at, { label: event.currentTarget.value })}
                />
                <TextInput
                  type="url"
                  label={t('embed.texts.linkUrl', { n: at + 1 })}
                  placeholder="https://example.org/privacy"
                  maxLength={500}
                  value={row.url}
                  error={refused.fields[`${language} ${at} url`]}
                  onChange={(event) => setLink(at, { url: event.currentTarget.value })}
                />
            </Row>
          ))}
        </Stack>
      </Sheet>
      <SaveBar dirty={dirty} busy={busy} onReset={reset} />
    </form>
  );
}
