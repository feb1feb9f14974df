import { useState } from 'react';
import { useQuery } from 'urql';
import { LoginDomainDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Loading, Problem } from '@/part/state';
import { DomainForm } from './domain-form';
import { DomainSteps } from './domain-steps';
import { EmbedFrame } from './embed-frame';

/** The site's own name for this server, where sessions are cookies that no script reads. */
export default function DomainPage() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: LoginDomainDocument });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const [changes, setChanges] = useState(0); // another domain is another form
  const domain = data?.site.loginDomain;
  return (
    <EmbedFrame title={t('embed.tab.domain')}>
      {data ? (
        <>
          <DomainForm
            key={`${domain?.domain}${changes}`}
            domain={domain ?? null}
            onChange={() => {
              setChanges(changes + 1);
              refresh();
            }}
          />
          {domain && <DomainSteps key={domain.domain} domain={domain} onChange={refresh} />}
        </>
      ) : error ? (
        <Problem error={error} retry={refresh} />
      ) : (
        <Loading />
      )}
    </EmbedFrame>
  );
}
