import type { ReactNode } from 'react';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { Page } from '@/part/page';
import { PageTabs } from '@/part/tabs';

/** The settings' heading and tabs. Before contact management is enabled there is one tab, so none is shown. */
export function SettingsFrame({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  const { t } = useLocale();
  const { site } = useSession();
  return (
    <Page title={`${t('nav.settings')} · ${title}`} heading={t('nav.settings')} actions={actions} width="form">
      {site.contactManagement && (
        <PageTabs
          label={t('setting.tabs')}
          tabs={[
            { to: '/settings', text: t('setting.tab.general'), end: true },
            { to: '/settings/fields', text: t('setting.tab.fields') },
            { to: '/settings/labels', text: t('setting.tab.labels') },
            { to: '/settings/indicators', text: t('setting.tab.indicators') },
            { to: '/settings/lists', text: t('setting.tab.lists') },
            { to: '/settings/consent', text: t('setting.tab.consent') },
            { to: '/settings/origins', text: t('setting.tab.origins') },
            { to: '/settings/login', text: t('setting.tab.login') },
            { to: '/settings/payments', text: t('setting.tab.payments') },
            { to: '/settings/sms', text: t('setting.tab.sms') },
            { to: '/settings/webhooks', text: t('setting.tab.webhooks') },
          ]}
        />
      )}
      {children}
    </Page>
  );
}
