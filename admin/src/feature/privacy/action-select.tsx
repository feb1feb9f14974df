import { Select, type OptionsFilter } from '@mantine/core';
import { useMemo } from 'react';
import { useLocale } from '@/locale/locale';

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Keeps what holds each of the typed words, in its own words or its name in the API. */
const search: OptionsFilter = ({ options, search: typed }) => {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  return options.filter((one) => 'value' in one && words.every((word) => plain(`${one.label} ${one.value}`).includes(word)));
};

/** What one may have done, to choose one of. What has no words, as it is not done any more, goes by its name. */
export function ActionSelect({ label, value, onChange }: { label: string; value: string; onChange: (action: string) => void }) {
  const { t, known, names, language } = useLocale();
  const data = useMemo(() => {
    const all = new Set(names('privacy.deed'));
    if (value) all.add(value);
    const order = new Intl.Collator(language);
    return [...all].map((name) => ({ value: name, label: known('privacy.deed', name) ?? name })).sort((a, b) => order.compare(a.label, b.label));
  }, [names, known, language, value]);
  return (
    <Select
      label={label}
      data={data}
      value={value || null}
      onChange={(chosen) => onChange(chosen ?? '')}
      placeholder={t('privacy.audit.anything')}
      nothingFoundMessage={t('privacy.audit.noAction')}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('action.clear') }}
      filter={search}
      comboboxProps={{ width: 'min(26rem, calc(100vw - 2rem))', position: 'bottom-start' }}
    />
  );
}
