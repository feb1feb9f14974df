import type { ExportScope } from '@/feature/export/export-dialog';
import type { BatchTargetInput, RunBatchInput } from '@/gql/graphql';

/** What to do, without to whom. */
export type Order = Omit<RunBatchInput, 'target' | 'dryRun' | 'idempotencyKey'>;

/** What the form of an action is given: it tells the order whenever it changes, null while it is not whole. */
export interface OrderFormProps {
  onChange: (order: Order | null) => void;
}

/** Contacts by their ids, a segment, or all that match, as `runBatch` takes them. */
export function targetOf(scope: ExportScope): BatchTargetInput {
  if ('contactIds' in scope) return { contactIds: scope.contactIds };
  if (scope.segmentId) return { segmentId: scope.segmentId };
  const { segmentId: _, ...matching } = scope;
  return { matching };
}
