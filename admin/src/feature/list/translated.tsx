import { TextInput } from '@mantine/core';
import { languageNames, type Language } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import type { Texts } from './texts';
import css from './list.module.css';

interface Props {
  languages: readonly Language[];
  /** What there is a text of, with its label and the text in the site's own language. */
  names: readonly { name: string; label: string; own: string }[];
  texts: Texts;
  onChange: (texts: Texts) => void;
}

/** The same names in the other languages, folded away until wanted. */
export function TranslatedNames({ languages, names, texts, onChange }: Props) {
  const { t } = useLocale();
  return (
    <details className={css.details}>
      <summary className={css.summary}>{t('field.translations')}</summary>
      <div className={css.languages}>
        {languages.map((language) => (
          <fieldset key={language} className={css.language}>
            <legend>{languageNames[language]}</legend>
            {names.map(({ name, label, own }) => (
              <TextInput
                key={name}
                label={label}
                placeholder={own}
                lang={language}
                value={texts[language]?.[name] ?? ''}
                onChange={(event) => onChange({ ...texts, [language]: { ...texts[language], [name]: event.currentTarget.value } })}
              />
            ))}
          </fieldset>
        ))}
      </div>
    </details>
  );
}
