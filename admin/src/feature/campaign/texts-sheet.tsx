import { SegmentedControl, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { languageNames, languages, type Language } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import { Stack } from '@/part/form';
import { Sheet } from '@/part/page';
import { written, type Texts } from './texts';
import css from './campaign.module.css';

interface Props {
  texts: Texts;
  language: Language;
  onLanguage: (language: Language) => void;
  /** The properties of an input at a path, `texts.en.subject`. */
  inputProps: (path: string) => object;
  /** Whether a merge field may be of an offer. */
  offer: boolean;
  children?: ReactNode;
}

const personal = '{{first_name|…}} {{last_name}} {{name}} {{title}} {{company}} {{city}} {{number}} {{site}} {{field.…}}';
const ofOffer = ' {{offer.name}} {{offer.type}} {{offer.product}} {{offer.price}} {{offer.until}}';

/** What a message says, language by language. */
export function TextsSheet({ texts, language, onLanguage, inputProps, offer, children }: Props) {
  const { t } = useLocale();
  const has = written(texts);
  const missing = languages.filter((one) => !has.includes(one));
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
        <TextInput key={`${language}.subject`} label={t('campaign.subject')} {...inputProps(`texts.${language}.subject`)} />
        <Textarea key={`${language}.body`} label={t('campaign.body')} description={t('campaign.bodyHelp')} autosize minRows={10} maxRows={30} {...inputProps(`texts.${language}.body`)} />
        <p className={css.fields}>{t('campaign.fields', { fields: offer ? personal + ofOffer : personal })}</p>
      </Stack>
    </Sheet>
  );
}
