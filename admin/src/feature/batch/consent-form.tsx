import { Radio, Select, Textarea, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useQuery } from 'urql';
import { purposeName } from '@/feature/contact/purpose';
import { BatchPurposesDocument, type ConsentChannel, type ConsentState } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Row, Stack } from '@/part/form';
import type { OrderFormProps } from './order';

const channels: readonly ConsentChannel[] = ['ANY', 'EMAIL', 'SMS', 'POST', 'PHONE'];
const states: readonly ConsentState[] = ['GIVEN', 'WITHDRAWN'];

/** What the contacts said, for what and when (P-03). */
export function ConsentForm({ onChange }: OrderFormProps) {
  const { t, language } = useLocale();
  const [{ data }] = useQuery({ query: BatchPurposesDocument });
  const [purposeId, setPurpose] = useState<string | null>(null);
  const [channel, setChannel] = useState<ConsentChannel>('ANY');
  const [state, setState] = useState<ConsentState | null>(null);
  const [day, setDay] = useState('');
  const [note, setNote] = useState('');
  useEffect(() => {
    // Midnight of the day in the reader's time zone: what is said on a form has no hour.
    const at = day && new Date(`${day}T00:00`).toISOString();
    onChange(state && { action: 'CONSENT', consent: { channel, state, ...(purposeId && { purposeId }), ...(note.trim() && { note }), ...(at && { at }) } });
    // onChange is the dialog's setter.
  }, [purposeId, channel, state, day, note]);
  const purposes = data?.consentPurposes ?? [];
  return (
    <Stack>
      <Radio.Group label={t('consent.what')} value={state} onChange={(value) => setState(states.find((one) => one === value) ?? null)}>
        {states.map((one) => (
          <Radio key={one} value={one} mt="xs" label={t(`batch.consent.${one}`)} />
        ))}
      </Radio.Group>
      <Row>
        <Select
          label={t('consent.purpose')}
          allowDeselect={false}
          value={purposeId ?? purposes.find((one) => one.code === 'contact')?.id ?? null}
          onChange={setPurpose}
          data={purposes.map((one) => ({ value: one.id, label: purposeName(one, language) }))}
        />
        <Select
          label={t('batch.consent.channel')}
          allowDeselect={false}
          value={channel}
          onChange={(value) => setChannel(channels.find((one) => one === value) ?? 'ANY')}
          data={channels.map((value) => ({ value, label: t(`consent.channel.${value}`) }))}
        />
      </Row>
      <TextInput type="date" label={t('batch.consent.day')} description={t('batch.consent.dayHelp')} value={day} onChange={(event) => setDay(event.currentTarget.value)} />
      <Textarea label={t('consent.note')} description={t('consent.noteHelp')} maxLength={2000} autosize minRows={2} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
    </Stack>
  );
}
