import { useEffect, useState } from 'react';
import { useParams, useSearchParams } from 'react-router';
import { useQuery, useSubscription } from 'urql';
import { CampaignDocument, CampaignProgressDocument, type CampaignFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Page } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { CampaignDraft } from './campaign-draft';
import { CampaignRun } from './campaign-run';

/** A campaign: a draft to write, else how far it is. */
export default function CampaignPage() {
  const { t } = useLocale();
  const { id = '' } = useParams();
  const fresh = id === 'new';
  const [params] = useSearchParams();
  const like = fresh ? params.get('like') : null;
  const [{ data, error }, reload] = useQuery({ query: CampaignDocument, variables: { id: like ?? id }, pause: fresh && !like, requestPolicy: 'cache-and-network' });
  const [newest, setNewest] = useState<CampaignFullFragment | null>(null);
  const campaign = newest?.id === id ? newest : fresh ? null : (data?.campaign ?? null);
  const over = !campaign || campaign.status === 'DRAFT' || campaign.status === 'DONE' || campaign.status === 'CANCELLED';
  const [{ data: event }] = useSubscription({ query: CampaignProgressDocument, variables: { id }, pause: fresh || over });
  useEffect(() => {
    if (event) setNewest(event.campaignProgress);
  }, [event]);
  const back = { to: '/campaigns', label: t('nav.campaigns') };
  if (fresh ? like && !data : !campaign) {
    return (
      <Page title={t('nav.campaigns')} back={back}>
        {error ? <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} /> : <Loading />}
      </Page>
    );
  }
  if (campaign && campaign.status !== 'DRAFT') return <CampaignRun campaign={campaign} onChange={setNewest} />;
  return <CampaignDraft key={like ?? id} campaign={campaign} like={like ? (data?.campaign ?? null) : null} configured={{ EMAIL: data?.mailConfigured ?? true, SMS: data?.smsConfigured ?? true, INTERNAL: true }} onChange={setNewest} />;
}
