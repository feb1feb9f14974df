import { Button, Checkbox, Group, TextInput } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useSend, useTellErrors } from '@/api/send';
import { CreateOrganizationDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Stack } from '@/part/form';
import { ContactPicker } from './contact-picker';
import css from './structure-inputs.module.css';

/** The organization that a new person belongs to. */
export interface Structure {
  id: string;
  name: string;
  /** Whether the person uses its address. */
  useAddress: boolean;
}

export const noStructure: Structure = { id: '', name: '', useAddress: false };

interface Props {
  value: Structure;
  onChange: (value: Structure) => void;
  error?: string | undefined;
}

/** Picks the structure from the book or makes it on the spot (S-111), and whether its address is used (S-112). */
export function StructureInputs({ value, onChange, error }: Props) {
  const { t } = useLocale();
  const [adding, setAdding] = useState(false);
  return (
    <Stack>
      <div className={css.line}>
        <ContactPicker
          label={t('contact.quick.structure')}
          kind="ORGANIZATION"
          required={false}
          value={value.id}
          chosen={value.id ? value : null}
          error={error}
          onChange={(id) => onChange(id ? { ...value, id } : noStructure)}
        />
        <Button variant="default" leftSection={<Plus size={16} aria-hidden />} aria-expanded={adding} onClick={() => setAdding(!adding)}>
          {t('contact.quick.newStructure')}
        </Button>
      </div>
      {adding && (
        <NewStructure
          onDone={(made) => {
            setAdding(false);
            if (made) onChange({ ...made, useAddress: false });
          }}
        />
      )}
      <Checkbox
        label={t('contact.quick.useAddress')}
        description={t('contact.quick.useAddressHelp')}
        disabled={value.id === ''}
        checked={value.useAddress}
        onChange={(event) => onChange({ ...value, useAddress: event.currentTarget.checked })}
      />
    </Stack>
  );
}

/** A name is enough for an organization; its record can be filled in later. */
function NewStructure({ onDone }: { onDone: (made: { id: string; name: string } | null) => void }) {
  const { t } = useLocale();
  const { send, busy } = useSend(CreateOrganizationDocument);
  const ok = useTellErrors();
  const [name, setName] = useState('');
  const create = async () => {
    const payload = await send({ input: { name } });
    if (ok(payload) && payload?.organization) onDone({ id: payload.organization.id, name: payload.organization.displayName });
  };
  return (
    <div className={css.made} role="group" aria-label={t('contact.add.ORGANIZATION')}>
      <TextInput
        label={t('contact.field.name')}
        required
        data-autofocus
        autoFocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault(); // not the form around it
          void create();
        }}
      />
      <Group gap="xs" justify="flex-end">
        <Button variant="subtle" color="gray" onClick={() => onDone(null)}>
          {t('action.cancel')}
        </Button>
        <Button variant="light" loading={busy} disabled={name.trim() === ''} onClick={() => void create()}>
          {t('contact.add.ORGANIZATION')}
        </Button>
      </Group>
    </div>
  );
}
