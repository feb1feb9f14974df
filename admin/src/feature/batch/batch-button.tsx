import { ListChecks } from 'lucide-react';
import { ManyButton } from '@/feature/contact/many-button';
import type { ExportScope } from '@/feature/export/export-dialog';
import { useLocale } from '@/locale/locale';
import { BatchDialog } from './batch-dialog';

interface Props {
  scope: ExportScope;
  count: number | null;
  /** Whether they are in the trash, where all one can do is take them back. */
  trash?: boolean;
  onBar?: boolean;
  onDone?: () => void;
}

/** Opens what can be done to many contacts (T-33, P-15). */
export function BatchButton({ scope, count, trash = false, onBar, onDone }: Props) {
  const { t } = useLocale();
  return (
    <ManyButton icon={ListChecks} text={t('batch.open')} count={count} onBar={onBar}>
      {(dialog) => <BatchDialog {...dialog} scope={scope} count={count} trash={trash} onDone={onDone} />}
    </ManyButton>
  );
}
