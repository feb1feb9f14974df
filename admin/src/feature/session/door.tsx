import { useEffect, type ReactNode } from 'react';
import { useLocale } from '@/locale/locale';
import { LanguageSwitch, SchemeSwitch } from '@/shell/preferences';
import { Logo } from '@/shell/logo';
import css from './door.module.css';

/** The frame of the pages before one is in: a sheet of a notebook on a desk. */
export function Door({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  const { t } = useLocale();
  useEffect(() => {
    document.title = `${title} · Carnet`;
  }, [title]);
  return (
    <div className={css.desk}>
      <main className={css.sheet}>
        <div className={css.brand}>
          <Logo size={36} />
          <span>Carnet</span>
        </div>
        <h1 className={css.title}>{title}</h1>
        {lead && <p className={css.lead}>{lead}</p>}
        {children}
      </main>
      <footer className={css.foot} aria-label={t('nav.preferences')}>
        <LanguageSwitch />
        <SchemeSwitch />
      </footer>
    </div>
  );
}
