import type { CombinedError } from 'urql';
import { attributeText, sentence } from '@/api/error';
import type { ImportProblemFragment, MendFragment } from '@/gql/graphql';
import type { Locale } from '@/locale/locale';
import { fill, type Values } from '@/locale/text';

/** What an import tells of a row or a run, in the reader's language: "Column: what is wrong: “value”". */
export function problemText(locale: Locale, problem: ImportProblemFragment): string {
  const text = locale.known('import.problem', problem.code);
  if (text === undefined || (!problem.value && text.includes('{value}'))) return sentence(problem.message);
  const names = namesOf(locale, problem);
  const values: Values = { column: problem.column, value: problem.value, name: names[0] ?? '', other: names[1] ?? '', names: names.join(', '), numbers: numbersOf(locale, problem), count: problem.count };
  let told = fill(text, values, locale.language);
  if (problem.column && !text.includes('{column}')) told = locale.t('import.told.column', { column: problem.column, text: told });
  if (problem.value && !text.includes('{value}')) told = locale.t('import.told.value', { text: told, value: problem.value });
  return sentence(told);
}

/** Whatever is told of a row; the server's own words for what is older than the codes. */
export const problemTexts = (locale: Locale, problems: readonly ImportProblemFragment[], message: string): string[] =>
  problems.length > 0 ? problems.map((problem) => problemText(locale, problem)) : message ? [sentence(message)] : [];

function namesOf({ t, format, known }: Locale, { code, names }: ImportProblemFragment): readonly string[] {
  switch (code) {
    case 'CHANGED_SINCE':
      return [...new Set(names.map((name) => attributeText({ t, known }, name)))];
    case 'CONSENT_WITHDRAWN_UNDATED':
    case 'CONSENT_WITHDRAWN_LATER':
      return names.map(format.day);
    default:
      return names;
  }
}

function numbersOf({ t }: Locale, { numbers, count }: ImportProblemFragment): string {
  const all = numbers.map((n) => (n === 0 ? t('import.told.here') : t('import.told.number', { n: String(n) })));
  return [...all, ...(count > all.length ? ['…'] : [])].join(', ');
}

/** Why a file or a mapping was refused. */
export function refusalText(locale: Locale, { code, message, path, names }: MendFragment): string {
  const values = { name: names[0] ?? '', other: names[1] ?? '' };
  if (path[0] === 'valueMapping') return locale.t('import.mapping.values');
  if (path[0] === 'mapping' && path[2] === 'column') return locale.t('import.mapping.column');
  if (path[0] === 'mapping' && path[2] === 'target') return locale.t(code === 'DUPLICATE' ? 'import.mapping.twice' : 'import.mapping.target', values);
  const text = locale.known('import.problem', code) ?? locale.known('error', code);
  return sentence(text === undefined ? message : fill(text, values, locale.language));
}

/** Why a file could not be looked at, where that is what failed. */
export function fileText(locale: Locale, error: CombinedError): string | undefined {
  const first = error.graphQLErrors[0];
  const { reason, inputPath, names } = first?.extensions ?? {};
  if (!first || typeof reason !== 'string') return undefined;
  return refusalText(locale, { code: reason, message: first.message, path: texts(inputPath), names: texts(names) });
}

const texts = (list: unknown): string[] => (Array.isArray(list) ? list.filter((one) => typeof one === 'string') : []);
