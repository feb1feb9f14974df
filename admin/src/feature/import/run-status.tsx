import type { ImportStatus, ImportVerdict } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Tag, type Tone } from '@/part/tag';

const statusTones: Record<ImportStatus, Tone> = { RUNNING: 'info', DONE: 'accent', FAILED: 'danger', CHECKED: 'plain', REVERTING: 'info', REVERTED: 'plain' };

/** How far an import is. */
export function RunStatus({ status }: { status: ImportStatus }) {
  const { t } = useLocale();
  return <Tag tone={statusTones[status]}>{t(`import.statusOf.${status}`)}</Tag>;
}

const verdictTones: Record<ImportVerdict, Tone> = { CREATED: 'accent', UPDATED: 'info', UNCHANGED: 'plain', SKIPPED: 'plain', REFUSED: 'danger' };

/** What became of a row. */
export function Verdict({ verdict }: { verdict: ImportVerdict }) {
  const { t } = useLocale();
  return <Tag tone={verdictTones[verdict]}>{t(`import.verdict.${verdict}`)}</Tag>;
}
