import { Pill, Select, TextInput } from '@mantine/core';
import { useQuery } from 'urql';
import { ContactPicker } from '@/feature/contact/contact-picker';
import { linkText } from '@/feature/contact/link-words';
import { ContactNameByIdDocument, LinkTypesDocument, type LinkTypeFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import type { ConditionProps, On } from './record-condition';
import type { LinkCondition } from './rule';

/** A type as a rule names it: the built-in ones by their kind, which every site has. */
const nameOf = (type: LinkTypeFullFragment) => (type.kind === 'CUSTOM' ? `type:${type.id}` : `kind:${type.kind}`);

/** A link with another contact: as what, with whom, in which part (S-68, S-78). */
export function LinkConditionEditor({ condition, onChange }: ConditionProps<On<'affiliation'>>) {
  const locale = useLocale();
  const { t } = locale;
  const [{ data }] = useQuery({ query: LinkTypesDocument });
  const { link } = condition;
  const set = (part: Partial<LinkCondition>) => onChange({ on: 'affiliation', link: { ...link, ...part } });
  // A type is read from either end: "Relay of" and "Has the relay" are two choices.
  const ends = (data?.linkTypes ?? []).flatMap((type) => [
    { value: `${nameOf(type)} OUT`, label: linkText(type, 'from', locale) },
    { value: `${nameOf(type)} IN`, label: linkText(type, 'to', locale) },
  ]);
  const chosen = link.type === '' && link.direction === '' ? 'any' : `${link.type} ${link.direction}`;
  const either = link.type !== '' && link.direction === '' ? [{ value: chosen, label: t('segment.rule.eitherEnd') }] : [];
  return (
    <>
      <Select
        aria-label={t('link.type')}
        allowDeselect={false}
        searchable
        data={[{ value: 'any', label: t('segment.rule.anyLink') }, ...either, ...ends]}
        value={chosen}
        onChange={(value) => {
          const [type = '', direction = ''] = value === null || value === 'any' ? [] : value.split(' ');
          set({ type, direction: direction === 'OUT' || direction === 'IN' ? direction : '' });
        }}
      />
      {link.contactId ? (
        <LinkedContact id={link.contactId} onRemove={() => set({ contactId: '' })} />
      ) : (
        <>
          <ContactPicker heard required={false} label={t('segment.rule.linkedWith')} kind={null} value="" onChange={(contactId) => set({ contactId })} />
          <TextInput
            aria-label={t('segment.rule.linkedName')}
            placeholder={t('segment.rule.linkedName')}
            value={link.name.value}
            onChange={(event) => set({ name: { op: link.name.op === 'EMPTY' ? 'PREFIX' : link.name.op, value: event.currentTarget.value } })}
          />
        </>
      )}
      <TextInput
        aria-label={t('segment.rule.linkedRole')}
        placeholder={t('segment.rule.linkedRole')}
        value={link.role.value}
        onChange={(event) => set({ role: { op: link.role.op === 'EMPTY' ? 'PREFIX' : link.role.op, value: event.currentTarget.value } })}
      />
    </>
  );
}

function LinkedContact({ id, onRemove }: { id: string; onRemove: () => void }) {
  const { t } = useLocale();
  const [{ data }] = useQuery({ query: ContactNameByIdDocument, variables: { id } });
  const name = data ? (data.contact?.displayName ?? t('batch.gone')) : '…';
  return (
    <Pill withRemoveButton onRemove={onRemove} size="lg" removeButtonProps={{ 'aria-label': t('contact.removeRow', { label: t('link.other'), n: name }), tabIndex: 0, 'aria-hidden': false }}>
      {name}
    </Pill>
  );
}
