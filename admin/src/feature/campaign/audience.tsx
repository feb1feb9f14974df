import { useQuery } from 'urql';
import { CampaignAudienceDocument, type CampaignFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Loading, Problem } from '@/part/state';
import css from './campaign.module.css';

/** How many a campaign that has not begun would reach now. */
export function useAudience({ id, version }: CampaignFullFragment) {
  // The version is for the cache: another draft reaches others.
  const [{ data, error }, reload] = useQuery({ query: CampaignAudienceDocument, variables: { id, version }, requestPolicy: 'network-only' });
  return { audience: data?.campaign.audience, error, retry: () => reload({ requestPolicy: 'network-only' }) };
}

/** How many it would reach, and why not the others. */
export function Reach({ found: { audience, error, retry } }: { found: ReturnType<typeof useAudience> }) {
  const { t, tn, format } = useLocale();
  if (error && !audience) return <Problem error={error} retry={retry} />;
  if (!audience) return <Loading lines={3} />;
  const { total, reached, leftOut } = audience;
  return (
    <>
      <p className={css.reached}>
        <strong>{format.number(reached)}</strong> {tn('campaign.reached', reached, { total })}
      </p>
      {leftOut.length > 0 && (
        <dl className={css.audience} aria-label={t('campaign.count.leftOut')}>
          {leftOut.map(({ reason, count }) => (
            <div key={reason} className={css.left}>
              <dt>{t(`campaign.reason.${reason}`)}</dt>
              <dd>{format.number(count)}</dd>
            </div>
          ))}
        </dl>
      )}
      {reached === 0 && <p role="status">{t('campaign.nobodyReached')}</p>}
    </>
  );
}
