import { useLocale } from '@/locale/locale';
import { PageTabs } from '@/part/tabs';

/** Campaigns, and the texts that are kept for them. */
export function CampaignTabs() {
  const { t } = useLocale();
  return (
    <PageTabs
      label={t('nav.campaigns')}
      tabs={[
        { to: '/campaigns', text: t('nav.campaigns'), end: true },
        { to: '/campaigns/templates', text: t('template.title') },
      ]}
    />
  );
}
