import type { BatchFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';

/** Whom a batch was for, in words. */
export function useTargetWords(): (run: BatchFullFragment) => string {
  const { t, tn, format } = useLocale();
  return (run) => {
    const count = tn('batch.on', run.total, { count: format.number(run.total) });
    if (run.targetKind === 'SEGMENT') return t('batch.ofSegment', { count, name: run.segmentName });
    if (run.targetKind === 'MATCHING') return run.search ? t('batch.ofSearch', { count, search: run.search }) : t('batch.ofAll', { count });
    return count;
  };
}
