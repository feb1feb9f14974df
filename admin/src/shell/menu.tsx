import { NavLink } from 'react-router';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { navParts } from './nav-items';
import css from './shell.module.css';

/** The whole menu, in parts. `onGo` is called when an entry is followed. */
export function Menu({ onGo }: { onGo?: () => void }) {
  const { t } = useLocale();
  const session = useSession();
  return (
    <nav aria-label={t('nav.main')} className={css.menu}>
      {navParts(session).map((part) => (
        <div key={part.title} role="group" aria-label={t(part.title)} className={css.part}>
          <div className={css.partTitle} aria-hidden>
            {t(part.title)}
          </div>
          <ul className={css.items}>
            {part.items.map(({ to, text, icon: Icon, badge: Badge }) => (
              <li key={to}>
                <NavLink to={to} className={css.item ?? ''} onClick={onGo}>
                  <Icon size={17} strokeWidth={1.75} aria-hidden />
                  {t(text)}
                  {Badge && <Badge />}
                </NavLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
