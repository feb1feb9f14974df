import { Button } from '@mantine/core';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { ExportDialog, type ExportScope } from './export-dialog';

/** Opens the export of some contacts; nothing for those who may not export. */
export function ExportButton({ scope, count, onBar = false }: { scope: ExportScope; count: number | null; onBar?: boolean }) {
  const { t } = useLocale();
  const { can } = useSession();
  const [opened, setOpened] = useState(false);
  if (!can('OPERATOR')) return null;
  return (
    <>
      <Button
        {...(onBar ? { size: 'xs', variant: 'white', color: 'dark' } : { variant: 'default' })}
        leftSection={<Download size={onBar ? 14 : 16} aria-hidden />}
        onClick={() => setOpened(true)}
        disabled={count === 0}
      >
        {t('export.action')}
      </Button>
      <ExportDialog opened={opened} onClose={() => setOpened(false)} scope={scope} count={count} />
    </>
  );
}
