import { Anchor } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { Link } from 'react-router';
import { ChevronLeft } from 'lucide-react';
import css from './page.module.css';

interface Props {
  /** The page's name: its heading and the browser tab. */
  title: string;
  /** Shown instead of the title in the heading, when it needs more than words. */
  heading?: ReactNode;
  /** One sentence below the heading. */
  lead?: ReactNode;
  /** Where one came from. */
  back?: { to: string; label: string };
  /** Buttons at the heading's right; below it on phones. */
  actions?: ReactNode;
  /** Lists use the whole width; forms read better narrow. */
  width?: 'full' | 'normal' | 'form';
  children: ReactNode;
}

/** The frame of a page: heading, actions, content. */
export function Page({ title, heading, lead, back, actions, width = 'normal', children }: Props) {
  useEffect(() => {
    document.title = `${title} · Carnet`;
  }, [title]);
  return (
    <div className={css.page} data-width={width}>
      <header className={css.header}>
        {back && (
          <Anchor component={Link} to={back.to} className={css.back}>
            <ChevronLeft size={14} aria-hidden />
            {back.label}
          </Anchor>
        )}
        <div className={css.row}>
          <h1 className={css.title}>{heading ?? title}</h1>
          {actions && <div className={css.actions}>{actions}</div>}
        </div>
        {lead && <div className={css.lead}>{lead}</div>}
      </header>
      {children}
    </div>
  );
}

/** A titled part of a page on a sheet of its own. */
export function Sheet({ title, lead, aside, children }: { title?: string; lead?: ReactNode; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={css.sheet} aria-label={title}>
      {title && (
        <div className={css.sheetHead}>
          <div>
            <h2 className={css.sheetTitle}>{title}</h2>
            {lead && <p className={css.sheetLead}>{lead}</p>}
          </div>
          {aside}
        </div>
      )}
      {children}
    </section>
  );
}
