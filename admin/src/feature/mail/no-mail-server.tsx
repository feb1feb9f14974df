import { Alert } from '@mantine/core';
import { Info } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLocale } from '@/locale/locale';
import css from './mail.module.css';

/** That no mail leaves here, and what follows for this page. */
export function NoMailServer({ children }: { children: ReactNode }) {
  const { t } = useLocale();
  return (
    <Alert color="yellow" mb="md" icon={<Info size={18} aria-hidden />} title={t('mail.notConfigured')} className={css.notice}>
      {children}
    </Alert>
  );
}
