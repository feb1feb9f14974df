import { Checkbox, MultiSelect } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { GroupNamesDocument, LabelNamesDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { ColorInput } from '@/part/color-input';
import { Stack } from '@/part/form';
import { Loading, Problem } from '@/part/state';
import type { OrderFormProps } from './order';

/** Which groups to join and to leave (P-17). */
export function GroupForm({ onChange }: OrderFormProps) {
  const { t } = useLocale();
  const [{ data, error }] = useQuery({ query: GroupNamesDocument });
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<string[]>([]);
  const take = (add: string[], remove: string[]) => {
    setAdd(add);
    setRemove(remove);
    onChange(add.length + remove.length > 0 ? { action: 'GROUP', group: { add, remove } } : null);
  };
  if (error && !data) return <Problem error={error} />;
  if (!data) return <Loading lines={3} />;
  const choices = (others: string[]) => data.groups.filter((group) => !others.includes(group.id)).map((group) => ({ value: group.id, label: group.name }));
  return (
    <Stack>
      <MultiSelect label={t('batch.group.add')} searchable data={choices(remove)} value={add} onChange={(ids) => take(ids, remove)} />
      <MultiSelect label={t('batch.group.remove')} searchable data={choices(add)} value={remove} onChange={(ids) => take(add, ids)} />
    </Stack>
  );
}

/** Which labels to give and to take (T-34, T-65). */
export function LabelForm({ onChange }: OrderFormProps) {
  const { t } = useLocale();
  const [{ data, error }] = useQuery({ query: LabelNamesDocument, requestPolicy: 'cache-and-network' });
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<string[]>([]);
  const [replace, setReplace] = useState(false);
  const take = (add: string[], remove: string[], replace: boolean) => {
    setAdd(add);
    setRemove(remove);
    setReplace(replace);
    onChange(add.length + remove.length > 0 ? { action: 'LABEL', label: { add, remove, replace } } : null);
  };
  if (error && !data) return <Problem error={error} />;
  if (!data) return <Loading lines={3} />;
  const choices = (others: string[]) =>
    data.labelSets.map(({ name, labels }) => ({ group: name, items: labels.filter((label) => !others.includes(label.id)).map((label) => ({ value: label.id, label: label.name })) }));
  return (
    <Stack>
      <MultiSelect label={t('batch.label.add')} searchable nothingFoundMessage={t('label.none')} data={choices(remove)} value={add} onChange={(ids) => take(ids, remove, replace)} />
      <MultiSelect label={t('batch.label.remove')} searchable nothingFoundMessage={t('label.none')} data={choices(add)} value={remove} onChange={(ids) => take(add, ids, replace)} />
      <Checkbox
        label={t('batch.label.replace')}
        description={t('batch.label.replaceHelp')}
        checked={replace}
        onChange={(event) => take(add, remove, event.currentTarget.checked)}
      />
    </Stack>
  );
}

/** Which colour to give, or none (P-18). */
export function ColorForm({ onChange }: OrderFormProps) {
  const { t } = useLocale();
  const [color, setColor] = useState<string | null>(null);
  return (
    <ColorInput
      label={t('contact.field.color')}
      value={color}
      onChange={(value) => {
        setColor(value);
        onChange({ action: 'COLOR', color: value });
      }}
    />
  );
}
