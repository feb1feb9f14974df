import { SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useRef, type FocusEvent, type ReactNode } from 'react';
import type { MessageChannel } from '@/gql/graphql';
import { languageNames, languages, type Language } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import { Stack } from '@/part/form';
import { Sheet } from '@/part/page';
import { MergeFields } from './merge-fields';
import { SmsCount } from './sms-count';
import { written, type Texts } from './texts';
import css from './campaign.module.css';

interface Props {
  channel: MessageChannel;
  texts: Texts;
  language: Language;
  onLanguage: (language: Language) => void;
  /** The properties of an input at a path, `texts.en.subject`. */
  inputProps: (path: string) => object;
  /** Takes the text at a path. */
  onText: (path: string, text: string) => void;
  /** Whether a merge field may be of an offer. */
  offer: boolean;
  children?: ReactNode;
}

type Part = 'subject' | 'body';

/** What a message says, language by language. */
export function TextsSheet({ channel, texts, language, onLanguage, inputProps, onText, offer, children }: Props) {
  const { t } = useLocale();
  const sms = channel === 'SMS';
  const has = written(texts);
  const missing = languages.filter((one) => !has.includes(one));
  // Where one was writing last, and where a merge field then goes.
  const body = useRef<HTMLTextAreaElement>(null);
  const last = useRef<{ part: Part; input: HTMLInputElement | HTMLTextAreaElement } | null>(null);
  const remember = (part: Part) => ({
    onFocus: ({ currentTarget: input }: FocusEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      last.current = { part, input };
    },
  });
  const insert = (field: string) => {
    const { part, input } = last.current?.input.isConnected ? last.current : { part: 'body' as const, input: body.current };
    if (!input) return;
    const begin = input.selectionStart ?? input.value.length;
    onText(`texts.${language}.${part}`, input.value.slice(0, begin) + field + input.value.slice(input.selectionEnd ?? begin));
    // After the list has closed and the text is in its place.
    setTimeout(() => {
      input.focus();
      input.setSelectionRange(begin + field.length, begin + field.length);
    });
  };
  return (
    <Sheet title={t('campaign.text')} lead={t('campaign.textHelp')}>
      <Stack>
        {children}
        <SegmentedControl
          aria-label={t('campaign.language')}
          value={language}
          onChange={(one) => onLanguage(one as Language)}
          data={languages.map((one) => ({ value: one, label: languageNames[one] }))}
        />
        {has.length > 0 && missing.length > 0 && (
          <p className={css.fields} role="status">
            {t('campaign.missing', { languages: missing.map((one) => languageNames[one]).join(', ') })}
          </p>
        )}
        {!sms && <TextInput key={`${language}.subject`} label={t('campaign.subject')} {...inputProps(`texts.${language}.subject`)} {...remember('subject')} />}
        <Textarea
          key={`${language}.body`}
          ref={body}
          label={t('campaign.body')}
          description={t(`campaign.bodyHelp.${channel}`)}
          autosize
          minRows={sms ? 4 : 10}
          maxRows={30}
          {...inputProps(`texts.${language}.body`)}
          {...remember('body')}
        />
        {sms && <SmsCount text={texts[language].body} />}
        <MergeFields offer={offer} onPick={insert} />
      </Stack>
    </Sheet>
  );
}
