import { SegmentedControl, Select } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { languageNames, languages, type Language } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { previewAddress, widgets, type Widget } from './snippet';
import { schemes, type Scheme } from './theme';
import css from './preview.module.css';

interface Props {
  publicId: string;
  /** What the page around the widget sets; null takes it back. */
  properties: Record<string, string | null>;
}

/** A real widget on a page of our own server, which sends nothing, with the look that is being edited. */
export function Preview({ publicId, properties }: Props) {
  const { t, language } = useLocale();
  const frame = useRef<HTMLIFrameElement>(null);
  const [widget, setWidget] = useState<Widget>('login');
  const [spoken, setSpoken] = useState<Language>(language);
  const [scheme, setScheme] = useState<Scheme>('light');
  const dress = () => {
    const style = frame.current?.contentDocument?.documentElement.style;
    for (const [name, value] of Object.entries(properties)) {
      if (value === null) style?.removeProperty(name);
      else style?.setProperty(name, value);
    }
  };
  useEffect(dress, [properties]);
  return (
    <Sheet title={t('embed.preview')} lead={t('embed.previewLead')}>
      <div className={css.choices}>
        <Select
          aria-label={t('embed.previewOf')}
          value={widget}
          onChange={(value) => setWidget(widgets.find((one) => one === value) ?? 'login')}
          allowDeselect={false}
          data={widgets.map((value) => ({ value, label: t(`embed.widget.${value}`) }))}
        />
        <Select
          aria-label={t('setting.language')}
          value={spoken}
          onChange={(value) => setSpoken(languages.find((one) => one === value) ?? language)}
          allowDeselect={false}
          data={languages.map((value) => ({ value, label: languageNames[value] }))}
        />
        <SegmentedControl
          aria-label={t('embed.scheme.label')}
          value={scheme}
          onChange={(value) => setScheme(schemes.find((one) => one === value) ?? 'light')}
          data={schemes.map((value) => ({ value, label: t(`embed.scheme.${value}`) }))}
        />
      </div>
      <div className={css.window}>
        <div className={css.bar} aria-hidden>
          <span />
          <span />
          <span />
        </div>
        <iframe
          ref={frame}
          key={`${widget}-${spoken}-${scheme}`}
          className={css.frame}
          style={{ colorScheme: scheme }}
          src={previewAddress(publicId, widget, spoken, scheme)}
          title={`${t('embed.preview')}: ${t(`embed.widget.${widget}`)}`}
          onLoad={dress}
        />
      </div>
    </Sheet>
  );
}
