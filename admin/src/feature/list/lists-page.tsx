import { SettingsFrame } from '@/feature/setting/settings-frame';
import { useLocale } from '@/locale/locale';
import { LinkTypes } from './link-types';
import { OptionLists } from './option-lists';

/** Contacts > Settings > Lists: what the record's lists offer, and the types of link (G-06, G-07, S-31). */
export default function ListsPage() {
  const { t } = useLocale();
  return (
    <SettingsFrame title={t('setting.tab.lists')}>
      <OptionLists />
      <LinkTypes />
    </SettingsFrame>
  );
}
