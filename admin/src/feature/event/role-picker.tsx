import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useQuery } from 'urql';
import { RoleCandidatesDocument, type EventRole } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';

interface Props {
  role: EventRole;
  label: string;
  value: string;
  onChange: (id: string) => void;
  /** Those who have it already. */
  except?: readonly string[];
  /** One that was chosen before. */
  chosen?: { id: string; displayName: string } | null;
  error?: string | undefined;
  heard?: boolean;
}

/** Picks a contact of the type that a role asks for, and no other (S-08 to S-11). */
export function RolePicker({ role, label, value, onChange, except = [], chosen = null, error, heard = false }: Props) {
  const { t } = useLocale();
  const [typed, setTyped] = useState('');
  const [text] = useDebouncedValue(typed.trim(), 200);
  const picked = value !== '' && value === chosen?.id ? chosen.displayName : '';
  const [{ data }] = useQuery({ query: RoleCandidatesDocument, variables: { role, search: text === picked ? '' : text.replace(/ \[\d+]$/, '') } });
  const options = (data?.roleCandidates ?? []).filter(({ id }) => !except.includes(id)).map((one) => ({ value: one.id, label: `${one.displayName} [${one.number}]` }));
  if (chosen && !options.some((option) => option.value === chosen.id)) options.push({ value: chosen.id, label: chosen.displayName });
  return (
    <Select
      {...(heard ? { 'aria-label': label } : { label, description: t(`event.roleHelp.${role}`) })}
      placeholder={t(`event.pick.${role}`)}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('action.clear') }}
      nothingFoundMessage={t(`event.nobody.${role}`)}
      data={options}
      // The server has matched already, by its own rules.
      filter={({ options: all }) => all}
      onSearchChange={setTyped}
      value={value || null}
      onChange={(id) => onChange(id ?? '')}
      error={error}
    />
  );
}
