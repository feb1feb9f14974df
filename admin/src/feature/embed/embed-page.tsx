import { Anchor, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { CopyBlock } from '@/part/copy';
import { Page, Sheet } from '@/part/page';
import { loaderSnippet, previewAddress, widgets, widgetSnippet, type Widget } from './snippet';
import css from './embed-page.module.css';

/** What to put on a page of the site's own, and how it will look there. */
export default function EmbedPage() {
  const { t } = useLocale();
  const { site } = useSession();
  return (
    <Page title={t('nav.embed')} lead={t('embed.lead')}>
      <Sheet title={t('embed.load')} lead={t('embed.loadLead')}>
        <CopyBlock label={t('embed.load')} text={loaderSnippet(site)} />
        <p className={css.hint}>
          {t('embed.origins')}{' '}
          <Anchor component={Link} to="/settings/origins" underline="always">
            {t('setting.tab.origins')}
          </Anchor>
        </p>
      </Sheet>
      <Sheet title={t('embed.place')} lead={t('embed.placeLead')}>
        <div className={css.widgets}>
          {widgets.map((widget) => (
            <div key={widget}>
              <h3 className={css.name}>{t(`embed.widget.${widget}`)}</h3>
              <p className={css.help}>{t(`embed.widgetHelp.${widget}`)}</p>
              <CopyBlock label={t(`embed.widget.${widget}`)} text={widgetSnippet[widget]} />
            </div>
          ))}
        </div>
      </Sheet>
      <Preview publicId={site.publicId} />
    </Page>
  );
}

function Preview({ publicId }: { publicId: string }) {
  const { t, language } = useLocale();
  const [widget, setWidget] = useState<Widget>('login');
  return (
    <Sheet
      title={t('embed.preview')}
      lead={t('embed.previewLead')}
      aside={
        <SegmentedControl
          aria-label={t('embed.preview')}
          value={widget}
          onChange={(value) => setWidget(widgets.find((one) => one === value) ?? 'login')}
          data={widgets.map((value) => ({ value, label: t(`embed.widget.${value}`) }))}
        />
      }
    >
      <div className={css.window}>
        <div className={css.bar} aria-hidden>
          <span />
          <span />
          <span />
        </div>
        <iframe key={`${widget}-${language}`} className={css.frame} src={previewAddress(publicId, widget, language)} title={`${t('embed.preview')}: ${t(`embed.widget.${widget}`)}`} />
      </div>
    </Sheet>
  );
}
