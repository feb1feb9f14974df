import { Select, TextInput } from '@mantine/core';
import { useParams } from 'react-router';
import { useQuery } from 'urql';
import { operationalTypes } from '@/feature/contact/contact-values';
import { purposeName } from '@/feature/contact/purpose';
import { useOptions } from '@/feature/contact/use-options';
import { channelName } from '@/feature/sale/channel';
import { BatchPurposesDocument, LabelNamesDocument, PlansDocument, SalesChannelsDocument, SegmentNamesDocument, type CodeOperator, type ConsentChannel, type ConsentTest, type ContactRole } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { palette } from '@/part/palette';
import type { ChoiceKey, Condition } from './rule';

export type On<K extends Condition['on']> = Extract<Condition, { on: K }>;

/** What the inputs of a condition are given. */
export interface ConditionProps<C extends Condition> {
  condition: C;
  onChange: (condition: Condition) => void;
}

const roles: readonly ContactRole[] = ['PUBLIC_INDIVIDUAL', 'CHILD', 'RELAY', 'MEMBER', 'PUBLIC_STRUCTURE', 'SUBSIDIARY'];

type Options = ({ value: string; label: string } | { group: string; items: { value: string; label: string }[] })[];

/** What can be chosen of an attribute, in words. */
function useChoices(key: ChoiceKey, value: string): Options {
  const { t, known } = useLocale();
  const [{ data }] = useQuery({ query: LabelNamesDocument, pause: key !== 'label', requestPolicy: 'cache-and-network' });
  const { id } = useParams(); // a segment is no condition of itself
  const [segments] = useQuery({ query: SegmentNamesDocument, pause: key !== 'segment', requestPolicy: 'cache-and-network' });
  const [plans] = useQuery({ query: PlansDocument, pause: key !== 'plan', requestPolicy: 'cache-and-network' });
  const [channels] = useQuery({ query: SalesChannelsDocument, pause: key !== 'channel', requestPolicy: 'cache-and-network' });
  const functions = useOptions('FUNCTION', 'PERSON', null);
  const persons = useOptions('NATURE', 'PERSON', null);
  const organizations = useOptions('NATURE', 'ORGANIZATION', null);
  switch (key) {
    case 'segment':
      return (segments.data?.segments ?? []).filter((one) => one.id !== id).map((one) => ({ value: one.id, label: one.name }));
    case 'label':
      return (data?.labelSets ?? []).map(({ name, labels }) => ({ group: name, items: labels.map((label) => ({ value: label.id, label: label.name })) }));
    case 'color': {
      const colors = palette.map(([color, name]) => ({ value: color, label: t(name) }));
      const other = value && !palette.some(([color]) => color === value) ? [{ value, label: value }] : [];
      // A select box takes an empty value for none chosen.
      return [{ value: 'none', label: t('color.none') }, ...colors, ...other];
    }
    case 'type':
      return operationalTypes.map((type) => ({ value: type, label: t(`contact.type.${type}`) }));
    case 'role':
      return roles.map((role) => ({ value: role, label: t(`contact.role.${role}`) }));
    case 'plan':
      return (plans.data?.plans ?? []).map((one) => ({ value: one.id, label: one.name }));
    case 'channel':
      return [...new Set([...(channels.data?.salesChannels ?? []), ...(value ? [value] : [])])].map((one) => ({ value: one, label: channelName(one, known) }));
    case 'function':
      return functions;
    case 'nature':
      return [...new Map([...persons, ...organizations].map((one) => [one.value, one])).values()];
  }
}

/** One value of those there are. */
export function ChoiceCondition({ condition, onChange }: ConditionProps<On<'choice'>>) {
  const { t } = useLocale();
  const { key, value } = condition;
  const data = useChoices(key, value);
  return (
    <Select
      aria-label={t(`segment.attribute.${key}`)}
      placeholder={t('batch.edit.choose')}
      searchable
      allowDeselect={false}
      nothingFoundMessage={t('segment.rule.noChoice')}
      data={data}
      value={key === 'color' ? value || 'none' : value || null}
      onChange={(next) => onChange({ ...condition, value: next === null || (key === 'color' && next === 'none') ? '' : next })}
    />
  );
}

/** Yes or no. */
export function FlagCondition({ condition, onChange }: ConditionProps<On<'flag'>>) {
  const { t } = useLocale();
  return (
    <Select
      aria-label={t(`segment.attribute.${condition.key}`)}
      allowDeselect={false}
      data={[
        { value: 'true', label: t('answer.yes') },
        { value: 'false', label: t('answer.no') },
      ]}
      value={String(condition.value)}
      onChange={(value) => onChange({ ...condition, value: value === 'true' })}
    />
  );
}

/** Any label of a set, or none. */
export function LabelSetCondition({ condition, onChange }: ConditionProps<On<'labelSet'>>) {
  const { t } = useLocale();
  const [{ data }] = useQuery({ query: LabelNamesDocument, requestPolicy: 'cache-and-network' });
  return (
    <>
      <Select
        aria-label={t('segment.attribute.labelSet')}
        placeholder={t('batch.edit.choose')}
        allowDeselect={false}
        data={(data?.labelSets ?? []).map((set) => ({ value: set.id, label: set.name }))}
        value={condition.set || null}
        onChange={(set) => onChange({ ...condition, set: set ?? '' })}
      />
      <Select
        aria-label={t('segment.rule.operator')}
        allowDeselect={false}
        data={[
          { value: 'any', label: t('segment.rule.anyLabel') },
          { value: 'none', label: t('segment.rule.noLabel') },
        ]}
        value={condition.any ? 'any' : 'none'}
        onChange={(value) => onChange({ ...condition, any: value === 'any' })}
      />
    </>
  );
}

const codeOperators: readonly CodeOperator[] = ['EQUALS', 'PREFIX', 'EMPTY'];

/** The administrative number, or a number in another system. */
export function CodeCondition({ condition, onChange }: ConditionProps<On<'code'> | On<'reference'>>) {
  const { t } = useLocale();
  return (
    <>
      {condition.on === 'reference' && (
        <TextInput
          aria-label={t('contact.reference.source')}
          placeholder={t('segment.rule.anySystem')}
          value={condition.source}
          onChange={(event) => onChange({ ...condition, source: event.currentTarget.value })}
        />
      )}
      <Select
        aria-label={t('segment.rule.operator')}
        allowDeselect={false}
        data={codeOperators.map((value) => ({ value, label: t(`segment.operator.${value}`) }))}
        value={condition.op}
        onChange={(value) => onChange({ ...condition, op: codeOperators.find((op) => op === value) ?? 'EQUALS' })}
      />
      {condition.op !== 'EMPTY' && (
        <TextInput
          aria-label={t('segment.rule.value')}
          placeholder={t('segment.rule.value')}
          value={condition.value}
          onChange={(event) => onChange({ ...condition, value: event.currentTarget.value })}
        />
      )}
    </>
  );
}

const consentTests: readonly ConsentTest[] = ['GIVEN', 'WITHDRAWN', 'NONE'];
const channels: readonly ConsentChannel[] = ['ANY', 'EMAIL', 'SMS', 'POST', 'PHONE'];

/** What was agreed to, for which purpose and channel. */
export function ConsentCondition({ condition, onChange }: ConditionProps<On<'consent'>>) {
  const { t, language } = useLocale();
  const [{ data }] = useQuery({ query: BatchPurposesDocument });
  const purposes = data?.consentPurposes ?? [];
  return (
    <>
      <Select
        aria-label={t('consent.what')}
        allowDeselect={false}
        data={consentTests.map((value) => ({ value, label: t(`consent.state.${value}`) }))}
        value={condition.state}
        onChange={(value) => onChange({ ...condition, state: consentTests.find((one) => one === value) ?? 'GIVEN' })}
      />
      <Select
        aria-label={t('consent.purpose')}
        allowDeselect={false}
        data={purposes.map((one) => ({ value: one.id, label: purposeName(one, language) }))}
        value={condition.purpose || purposes.find((one) => one.code === 'contact')?.id || null}
        onChange={(value) => onChange({ ...condition, purpose: value ?? '' })}
      />
      <Select
        aria-label={t('consent.by')}
        allowDeselect={false}
        data={channels.map((value) => ({ value, label: value === 'ANY' ? t('segment.rule.anyChannel') : t(`consent.channel.${value}`) }))}
        value={condition.channel}
        onChange={(value) => onChange({ ...condition, channel: channels.find((one) => one === value) ?? 'ANY' })}
      />
    </>
  );
}
