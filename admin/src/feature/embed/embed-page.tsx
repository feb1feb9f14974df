import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { CopyBlock } from '@/part/copy';
import { Sheet } from '@/part/page';
import { EmbedFrame } from './embed-frame';
import { loaderSnippet, widgets, widgetSnippet } from './snippet';
import css from './embed-page.module.css';

/** What to put on a page of the site's own. */
export default function EmbedPage() {
  const { t } = useLocale();
  const { site } = useSession();
  return (
    <EmbedFrame title={t('embed.tab.place')}>
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
    </EmbedFrame>
  );
}
