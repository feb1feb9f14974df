import type { ReactNode } from 'react';
import { useLocale } from '@/locale/locale';
import { Page } from '@/part/page';
import { PageTabs } from '@/part/tabs';

const tabs = [
  ['/privacy', 'requests'],
  ['/privacy/erased', 'erased'],
  ['/privacy/retention', 'retention'],
  ['/privacy/audit', 'audit'],
] as const;

/** The heading and tabs of what is about people's rights. */
export function PrivacyFrame({ tab, lead, actions, children }: { tab: (typeof tabs)[number][1]; lead: string; actions?: ReactNode; children: ReactNode }) {
  const { t } = useLocale();
  return (
    <Page title={`${t('nav.privacy')} · ${t(`privacy.tab.${tab}`)}`} heading={t('nav.privacy')} lead={lead} actions={actions}>
      <PageTabs label={t('nav.privacy')} tabs={tabs.map(([to, name]) => ({ to, text: t(`privacy.tab.${name}`), end: name === 'requests' }))} />
      {children}
    </Page>
  );
}
