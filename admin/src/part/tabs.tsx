import { useEffect, useRef } from 'react';
import { NavLink, useLocation } from 'react-router';
import css from './tabs.module.css';

/** A row of links that look like tabs: each is a page with an address of its own. */
export function PageTabs({ label, tabs }: { label: string; tabs: { to: string; text: string; end?: boolean }[] }) {
  const row = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // On a phone the tab of the page may stand outside of what is seen.
  useEffect(() => {
    row.current?.querySelector('[aria-current="page"]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [pathname]);
  return (
    <nav ref={row} aria-label={label} className={css.tabs}>
      {tabs.map((tab) => (
        <NavLink key={tab.to} to={tab.to} end={tab.end ?? false} className={css.tab ?? ''} replace>
          {tab.text}
        </NavLink>
      ))}
    </nav>
  );
}
