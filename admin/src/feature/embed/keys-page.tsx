import { useQuery } from 'urql';
import { EmbedKeysDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Loading, Problem } from '@/part/state';
import { EmbedEvents } from './embed-events';
import { EmbedFrame } from './embed-frame';
import { Secrets } from './secrets';
import { SigningKeys } from './signing-keys';

/** What the site's own server proves itself and checks tokens with, and who changed it. */
export default function KeysPage() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: EmbedKeysDocument });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  return (
    <EmbedFrame title={t('embed.tab.keys')}>
      {data ? (
        <>
          <Secrets secrets={data.site.secrets} onChange={refresh} />
          <SigningKeys keys={data.signingKeys} onChange={refresh} />
          <EmbedEvents events={data.embedEvents} />
        </>
      ) : error ? (
        <Problem error={error} retry={refresh} />
      ) : (
        <Loading />
      )}
    </EmbedFrame>
  );
}
