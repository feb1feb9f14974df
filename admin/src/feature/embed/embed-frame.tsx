import type { ReactNode } from 'react';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { Page } from '@/part/page';
import { PageTabs } from '@/part/tabs';

/** The heading and tabs of what concerns the widgets on the site's own pages. */
export function EmbedFrame({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useLocale();
  const { can } = useSession();
  return (
    <Page title={`${t('nav.embed')} · ${title}`} heading={t('nav.embed')} lead={t('embed.lead')}>
      <PageTabs
        label={t('embed.tabs')}
        tabs={[
          { to: '/embed', text: t('embed.tab.place'), end: true },
          { to: '/embed/look', text: t('embed.tab.look') },
          { to: '/embed/texts', text: t('embed.tab.texts') },
          ...(can('OWNER') ? [{ to: '/embed/others', text: t('embed.tab.others') }] : []),
          ...(can('OWNER') ? [{ to: '/embed/domain', text: t('embed.tab.domain') }, { to: '/embed/keys', text: t('embed.tab.keys') }] : []),
          { to: '/embed/limits', text: t('embed.tab.limits') },
        ]}
      />
      {children}
    </Page>
  );
}
