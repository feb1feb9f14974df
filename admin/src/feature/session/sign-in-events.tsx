import type { SignInEventFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Ago } from '@/part/when';
import css from './my-sign-in.module.css';

/** What happened to how people sign in; with `named` it says whose sign-in it is. */
export function SignInEvents({ events, named = false }: { events: readonly SignInEventFullFragment[]; named?: boolean }) {
  const { t } = useLocale();
  if (events.length === 0) return <p className={css.none}>{t('signIn.noEvents')}</p>;
  return (
    <ul className={css.events}>
      {events.map(({ id, kind, staffName, actorName, at }) => (
        <li key={id} className={css.event}>
          <span>
            {named && <b>{t('signIn.whose', { name: staffName })} </b>}
            {t(`signIn.event.${kind}`)}
            {actorName !== staffName && <span className="dim"> · {t('signIn.by', { name: actorName })}</span>}
          </span>
          <span className="dim">
            <Ago at={at} />
          </span>
        </li>
      ))}
    </ul>
  );
}
