import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { useQuery } from 'urql';
import { ContactSuggestionsDocument, type ContactKind } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';

interface Props {
  label: string;
  value: string;
  onChange: (id: string) => void;
  error?: string | undefined;
  /** Only contacts of this kind; null for both. */
  kind: ContactKind | null;
  /** A contact that cannot be picked. */
  except?: string;
  required?: boolean;
  /** One that was chosen elsewhere, for example just now made. */
  chosen?: { id: string; name: string } | null;
  /** Where there is no room, the label is only heard. */
  heard?: boolean;
}

/** Picks a contact by typing the beginning of its name (S-90). */
export function ContactPicker({ label, value, onChange, error, kind, except = '', required = true, chosen = null, heard = false }: Props) {
  const { t } = useLocale();
  const [typed, setTyped] = useState('');
  const [picked, setPicked] = useState<{ value: string; label: string } | null>(null);
  useEffect(() => {
    if (!chosen) return;
    setPicked({ value: chosen.id, label: chosen.name });
    setTyped(chosen.name);
  }, [chosen]);
  useEffect(() => {
    if (value === '' && !required) setTyped(''); // cleared from outside
  }, [value, required]);
  const [text] = useDebouncedValue(typed.trim(), 200);
  const pause = text === '' || text === picked?.label;
  const [{ data }] = useQuery({ query: ContactSuggestionsDocument, variables: { text }, pause });
  const found = pause ? [] : (data?.contactSuggestions ?? []);
  const options = found
    .filter((contact) => contact.id !== except && (kind === null || contact.kind === kind))
    .map((contact) => ({ value: contact.id, label: `${contact.displayName} [${contact.number}]` }));
  if (picked && !options.some((option) => option.value === picked.value)) options.push(picked);
  return (
    <Select
      {...(heard ? { 'aria-label': label } : { label })}
      required={required}
      clearable={!required}
      clearButtonProps={{ 'aria-label': t('action.clear') }}
      searchable
      error={error}
      placeholder={heard ? label : t('link.typeName')}
      nothingFoundMessage={text === '' ? t('link.typeName') : t('link.nobody')}
      data={options}
      // The server has matched already, by its own rules.
      filter={({ options: all }) => all}
      searchValue={typed}
      onSearchChange={setTyped}
      value={value || null}
      onChange={(id) => {
        setPicked(options.find((option) => option.value === id) ?? null);
        onChange(id ?? '');
      }}
    />
  );
}
