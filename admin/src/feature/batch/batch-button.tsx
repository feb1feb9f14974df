import { Button } from '@mantine/core';
import { ListChecks } from 'lucide-react';
import { useState } from 'react';
import type { ExportScope } from '@/feature/export/export-dialog';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { BatchDialog } from './batch-dialog';

interface Props {
  scope: ExportScope;
  /** How many contacts they are; null while it is not known. */
  count: number | null;
  /** Whether they are in the trash, where all one can do is take them back. */
  trash?: boolean;
  onBar?: boolean;
  onDone?: () => void;
}

/** Opens what can be done to many contacts; nothing for those who may not (T-33, P-15). */
export function BatchButton({ scope, count, trash = false, onBar = false, onDone }: Props) {
  const { t } = useLocale();
  const { can } = useSession();
  const [opened, setOpened] = useState(false);
  if (!can('OPERATOR')) return null;
  return (
    <>
      <Button
        {...(onBar ? { size: 'xs', variant: 'white', color: 'dark' } : { variant: 'default' })}
        leftSection={<ListChecks size={onBar ? 14 : 16} aria-hidden />}
        onClick={() => setOpened(true)}
        disabled={count === 0}
      >
        {t('batch.open')}
      </Button>
      <BatchDialog opened={opened} onClose={() => setOpened(false)} scope={scope} count={count} trash={trash} onDone={onDone} />
    </>
  );
}
