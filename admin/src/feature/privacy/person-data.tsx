import { Menu } from '@mantine/core';
import { FileDown } from 'lucide-react';
import { useLocale } from '@/locale/locale';

const formats = ['html', 'json', 'csv'] as const;

/** Entries of a menu: all that is held about a person, as a file. */
export function DataItems({ id }: { id: string }) {
  const { t } = useLocale();
  return formats.map((format) => (
    <Menu.Item key={format} component="a" href={`/v1/contacts/${id}/data?format=${format}`} download leftSection={<FileDown size={15} aria-hidden />}>
      {t(`privacy.data.${format}`)}
    </Menu.Item>
  ));
}
