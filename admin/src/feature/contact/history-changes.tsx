import { useQuery } from 'urql';
import type { Json } from '@/api/scalar';
import { useFields } from '@/feature/field/use-fields';
import { GroupNamesDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { changesOf, type Change } from './history';
import css from './history-tab.module.css';

/** What a history entry changed, attribute by attribute. The values of a record that is born have no before. */
export function Changes({ json, born = false }: { json: Json; born?: boolean }) {
  const locale = useLocale();
  const { t } = locale;
  const { byId } = useFields();
  const [{ data }] = useQuery({ query: GroupNamesDocument, requestPolicy: 'cache-first' });
  const changes = changesOf(json, locale, byId, data?.groups ?? []);
  if (changes.length === 0) return null;
  return (
    <table className={css.changes} aria-label={t('contact.history.changes')}>
      <thead className={css.heads}>
        <tr>
          <th scope="col">{t('contact.history.attribute')}</th>
          {!born && <th scope="col">{t('contact.history.before')}</th>}
          <th scope="col">{t('contact.history.after')}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <ChangeRow key={change.key} change={change} born={born} />
        ))}
      </tbody>
    </table>
  );
}

function ChangeRow({ change, born }: { change: Change; born: boolean }) {
  return (
    <tr>
      <th scope="row">{change.label}</th>
      {!born && <td>{change.before ? <del>{change.before}</del> : <span className={css.none}>–</span>}</td>}
      <td>{change.after ? <ins>{change.after}</ins> : <span className={css.none}>–</span>}</td>
    </tr>
  );
}
