import { Alert } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import type { CombinedError } from 'urql';
import { failureText, textOf } from '@/api/error';
import type { MendFragment } from '@/gql/graphql';
import { useLocale, type Locale } from '@/locale/locale';
import css from './segment.module.css';

/** Which of the rule's conditions it is, in words: the last name of the path that is an attribute. */
function leafName(locale: Locale, path: readonly string[]): string {
  const named = path.toReversed().flatMap((name) => (name === 'field' ? locale.t('segment.rule.of.field') : (locale.known('segment.attribute', name) ?? [])));
  return named[0] ?? locale.t('segment.rule.title');
}

/** What the server refuses about a rule, condition by condition, as far as it says which; else as any failure. */
export function ruleProblems(locale: Locale, error: CombinedError): string[] {
  const told = error.graphQLErrors.flatMap(({ message, extensions: { reason, inputPath } }) => {
    if (typeof reason !== 'string' || !Array.isArray(inputPath)) return [];
    const path = inputPath.filter((name) => typeof name === 'string');
    return locale.t('segment.broken.line', { what: leafName(locale, path), why: textOf(locale, reason, message) });
  });
  return told.length > 0 ? [...new Set(told)] : [failureText(locale, error)];
}

/** Says that a segment holds nobody because its rule names what is gone, and which conditions do. */
export function BrokenBanner({ broken }: { broken: readonly MendFragment[] }) {
  const locale = useLocale();
  const { t } = locale;
  if (broken.length === 0) return null;
  return (
    <Alert role="alert" color="red" mb="md" className={css.broken} icon={<TriangleAlert size={18} aria-hidden />} title={t('segment.broken.title')}>
      <p>{t('segment.broken.lead')}</p>
      <ul>
        {broken.map((error) => (
          <li key={error.path.join('.')}>{t('segment.broken.line', { what: leafName(locale, error.path), why: textOf(locale, error.code, error.message) })}</li>
        ))}
      </ul>
    </Alert>
  );
}
