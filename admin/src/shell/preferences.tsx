import { NativeSelect, SegmentedControl } from '@mantine/core';
import { Monitor, Moon, Sun } from 'lucide-react';
import { languageNames, languages, type Language } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import { useScheme, type Scheme } from '@/theme/scheme';
import css from './preferences.module.css';

/** Picks the admin's language. */
export function LanguageSwitch() {
  const { t, language, choose } = useLocale();
  return (
    <NativeSelect
      aria-label={t('nav.language')}
      size="xs"
      value={language}
      onChange={(event) => choose(event.currentTarget.value as Language)}
      data={languages.map((value) => ({ value, label: languageNames[value] }))}
    />
  );
}

const schemes: { value: Scheme; icon: typeof Sun; key: 'nav.light' | 'nav.dark' | 'nav.system' }[] = [
  { value: 'light', icon: Sun, key: 'nav.light' },
  { value: 'dark', icon: Moon, key: 'nav.dark' },
  { value: 'auto', icon: Monitor, key: 'nav.system' },
];

/** Picks light, dark, or the system's choice. */
export function SchemeSwitch() {
  const { t } = useLocale();
  const { scheme, choose } = useScheme();
  return (
    <SegmentedControl
      aria-label={t('nav.scheme')}
      size="xs"
      value={scheme}
      onChange={(value) => choose(value as Scheme)}
      data={schemes.map(({ value, icon: Icon, key }) => ({
        value,
        label: (
          <span className={css.icon} title={t(key)}>
            <Icon size={14} aria-hidden />
            <span className={css.heard}>{t(key)}</span>
          </span>
        ),
      }))}
    />
  );
}
