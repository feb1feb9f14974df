import { TextInput } from '@mantine/core';
import { useSession } from '@/feature/session/session';
import { languageNames } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import { linesOf, newChoiceKey, otherLanguages } from './field-draft';
import type { FieldPart } from './field-form';
import css from './field-form.module.css';

/** The field's texts in the other languages, folded away until wanted. */
export function TranslationsEditor({ draft, set }: FieldPart) {
  const { t } = useLocale();
  const { site } = useSession();
  const choices =
    draft.type === 'DROPDOWN'
      ? [
          ...draft.choices.map(({ id, label }) => ({ key: id, label })),
          ...[...new Set(linesOf(draft.added))].map((label) => ({ key: newChoiceKey(label), label })),
        ]
      : [];
  const setText = (language: string, name: string, text: string) =>
    set({ texts: { ...draft.texts, [language]: { ...draft.texts[language], [name]: text } } });
  const setChoice = (key: string, language: string, text: string) =>
    set({ choiceTexts: { ...draft.choiceTexts, [key]: { ...draft.choiceTexts[key], [language]: text } } });

  return (
    <details className={css.details}>
      <summary className={css.summary}>{t('field.translations')}</summary>
      <div className={css.translations}>
        {otherLanguages(site.language).map((language) => (
          <fieldset key={language} className={css.language}>
            <legend>{languageNames[language]}</legend>
            <TextInput
              label={t('field.label')}
              placeholder={draft.label}
              lang={language}
              value={draft.texts[language]?.['label'] ?? ''}
              onChange={(event) => setText(language, 'label', event.currentTarget.value)}
            />
            {draft.help && (
              <TextInput
                label={t('field.help')}
                placeholder={draft.help}
                lang={language}
                value={draft.texts[language]?.['help'] ?? ''}
                onChange={(event) => setText(language, 'help', event.currentTarget.value)}
              />
            )}
            {choices.map((choice) => (
              <TextInput
                key={choice.key}
                label={choice.label || '–'}
                placeholder={choice.label}
                lang={language}
                value={draft.choiceTexts[choice.key]?.[language] ?? ''}
                onChange={(event) => setChoice(choice.key, language, event.currentTarget.value)}
              />
            ))}
          </fieldset>
        ))}
      </div>
    </details>
  );
}
