import { useQuery } from 'urql';
import { ContactThreadsDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { ThreadList } from './thread-list';

/** The conversations with one person, on their record. */
export function ThreadBlock({ id }: { id: string }) {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: ContactThreadsDocument, variables: { id }, requestPolicy: 'cache-and-network' });
  const rows = data?.contact && 'threads' in data.contact ? data.contact.threads : undefined;
  return (
    <Sheet title={t('inbox.ofContact')}>
      {error && !rows ? (
        <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
      ) : !rows ? (
        <Loading lines={2} />
      ) : rows.length === 0 ? (
        <p className="dim">{t('inbox.noneOfContact')}</p>
      ) : (
        <ThreadList rows={rows} label={t('inbox.ofContact')} named={false} />
      )}
    </Sheet>
  );
}
