import { Drawer, UnstyledButton } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { Menu as MenuIcon, Search } from 'lucide-react';
import { Suspense, useDeferredValue, useEffect, type ReactNode } from 'react';
import { NavLink, useLocation } from 'react-router';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { searchKeys } from '@/part/hotkey';
import { Loading } from '@/part/state';
import { usePhone } from '@/theme/screen';
import { AccountMenu } from './account-menu';
import { ConnectionState } from './connection-state';
import { Logo } from './logo';
import { Menu } from './menu';
import { phoneItems } from './nav-items';
import { QuickSearch } from './quick-search';
import css from './shell.module.css';

/** What every page stands in: the menu at the side, or a bar above and tabs below on a phone. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useLocale();
  const phone = usePhone();
  const { site } = useSession();
  const [searching, search] = useDisclosure(false);
  const { pathname } = useLocation();
  // The first page waits for its script beside the boundary's fallback, not behind it: what takes the place of a
  // fallback, React shows 300 ms after it at the earliest.
  const page = useDeferredValue(children, <Loading lines={8} />);

  // A page's own search box comes first; it carries this mark.
  const find = () => {
    const box = document.querySelector<HTMLInputElement>('[data-page-search]');
    if (box) box.focus();
    else search.open();
  };
  useHotkeys([
    ['/', find],
    ['mod+K', search.open],
  ]);
  useEffect(() => {
    window.scrollTo(0, 0); // gives a promise in new browsers, which must not become the effect's clean-up
  }, [pathname]);

  return (
    <>
      <a href="#content" className={css.skip}>
        {t('nav.skip')}
      </a>
      <div className={css.shell}>
        {phone ? (
          <TopBar onSearch={search.open} />
        ) : (
          <aside className={css.side} aria-label={site.name}>
            <div className={css.brand}>
              <Logo size={26} />
              <span className={css.siteName}>{site.name}</span>
            </div>
            {site.contactManagement && (
              <UnstyledButton className={css.search} onClick={search.open}>
                <Search size={15} aria-hidden />
                {t('nav.search')}
                <kbd className={css.kbd}>{searchKeys}</kbd>
              </UnstyledButton>
            )}
            <Menu />
            <div className={css.sideFoot}>
              <ConnectionState />
              <AccountMenu />
            </div>
          </aside>
        )}
        <main id="content" tabIndex={-1} className={css.content}>
          <Suspense fallback={<Loading lines={8} />}>{page}</Suspense>
        </main>
        {phone && <BottomBar />}
      </div>
      <QuickSearch opened={searching} onClose={search.close} />
    </>
  );
}

function TopBar({ onSearch }: { onSearch: () => void }) {
  const { t } = useLocale();
  const { site } = useSession();
  return (
    <header className={css.top}>
      <Logo size={26} />
      <span className={css.siteName}>{site.name}</span>
      <ConnectionState />
      {site.contactManagement && (
        <UnstyledButton className={css.topButton} onClick={onSearch} aria-label={t('nav.search')}>
          <Search size={20} aria-hidden />
        </UnstyledButton>
      )}
    </header>
  );
}

function BottomBar() {
  const { t } = useLocale();
  const session = useSession();
  const [open, menu] = useDisclosure(false);
  return (
    <>
      <nav aria-label={t('nav.quick')} className={css.bottom}>
        {phoneItems(session).map(({ to, text, icon: Icon }) => (
          <NavLink key={to} to={to} className={css.bottomItem ?? ''}>
            <Icon size={20} strokeWidth={1.75} aria-hidden />
            {t(text)}
          </NavLink>
        ))}
        <UnstyledButton className={css.bottomItem} onClick={menu.open} aria-haspopup="dialog">
          <MenuIcon size={20} strokeWidth={1.75} aria-hidden />
          {t('nav.menu')}
        </UnstyledButton>
      </nav>
      <Drawer opened={open} onClose={menu.close} position="bottom" size="auto" radius="lg" title={session.site.name} closeButtonProps={{ 'aria-label': t('action.close') }}>
        <Menu onGo={menu.close} />
        <div className={css.drawerFoot}>
          <AccountMenu />
        </div>
      </Drawer>
    </>
  );
}
