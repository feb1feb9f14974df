import { Download } from 'lucide-react';
import { ManyButton } from '@/feature/contact/many-button';
import { useLocale } from '@/locale/locale';
import { ExportDialog, type ExportScope } from './export-dialog';

/** Opens the export of some contacts (T-35). */
export function ExportButton({ scope, count, onBar }: { scope: ExportScope; count: number | null; onBar?: boolean }) {
  const { t } = useLocale();
  return (
    <ManyButton icon={Download} text={t('export.action')} count={count} onBar={onBar}>
      {(dialog) => <ExportDialog {...dialog} scope={scope} count={count} />}
    </ManyButton>
  );
}
