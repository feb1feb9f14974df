import { Button } from '@mantine/core';
import type { LucideIcon } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useSession } from '@/feature/session/session';

interface Props {
  icon: LucideIcon;
  text: string;
  /** How many contacts they are; null while it is not known. */
  count: number | null;
  /** Whether it stands on the dark bar of a selection. */
  onBar?: boolean;
  /** The dialog. */
  children: (dialog: { opened: boolean; onClose: () => void }) => ReactNode;
}

/** A button that opens what can be done with many contacts; nothing for those who may not. */
export function ManyButton({ icon: Icon, text, count, onBar = false, children }: Props) {
  const { can } = useSession();
  const [opened, setOpened] = useState(false);
  if (!can('OPERATOR')) return null;
  return (
    <>
      <Button {...(onBar ? barButton : { variant: 'default' })} leftSection={<Icon size={onBar ? 14 : 16} aria-hidden />} onClick={() => setOpened(true)} disabled={count === 0}>
        {text}
      </Button>
      {children({ opened, onClose: () => setOpened(false) })}
    </>
  );
}

/** How buttons look on the dark bar of a selection. */
export const barButton = { size: 'xs', variant: 'white', color: 'dark' } as const;
