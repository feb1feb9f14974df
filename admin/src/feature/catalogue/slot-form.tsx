import { NumberInput, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { CreateSlotsDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Row, Stack } from '@/part/form';
import { useSiteTime } from '@/part/site-time';

interface Props {
  productId: string;
  onClose: () => void;
  onSaved: () => void;
}

/** Makes slots: one, some in a row, and the same on other days. */
export function SlotForm({ productId, onClose, onSaved }: Props) {
  const locale = useLocale();
  const { t, tn } = locale;
  const time = useSiteTime();
  const { send, busy } = useSend(CreateSlotsDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({ initialValues: { startsAt: '', minutes: 60, inARow: 1, capacity: 1, every: '0', until: '' } });
  const submit = async ({ startsAt, every, until, ...values }: typeof form.values) => {
    const begins = time.fromClock(startsAt);
    if (!begins) {
      form.setErrors({ startsAt: t('error.REQUIRED') });
      return;
    }
    const input = { productId, ...values, startsAt: begins, every: Number(every), until: every === '0' || until === '' ? null : until };
    const payload = await send({ input });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, input);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (payload.errors.length > 0) return;
    confirmDone(tn('catalogue.slotsMade', payload.slots.length));
    onSaved();
  };
  const number = (name: 'minutes' | 'inARow' | 'capacity', max: number) => ({
    min: 1,
    max,
    allowDecimal: false,
    ...form.getInputProps(name),
    onChange: (n: number | string) => form.setFieldValue(name, Number(n)),
  });
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <TextInput type="datetime-local" label={t('catalogue.firstSlot')} required data-autofocus {...form.getInputProps('startsAt')} />
        <Row>
          <NumberInput label={t('catalogue.minutes')} {...number('minutes', 20_160)} />
          <NumberInput label={t('catalogue.slotPlaces')} {...number('capacity', 10_000)} />
        </Row>
        <NumberInput label={t('catalogue.inARow')} description={t('catalogue.inARowHelp')} {...number('inARow', 288)} />
        <Row>
          <Select
            label={t('catalogue.repeat')}
            allowDeselect={false}
            data={[
              { value: '0', label: t('catalogue.once') },
              { value: '1', label: t('catalogue.daily') },
              { value: '7', label: t('catalogue.weekly') },
            ]}
            {...form.getInputProps('every')}
          />
          {form.values.every !== '0' && <TextInput type="date" label={t('catalogue.until')} required {...form.getInputProps('until')} />}
        </Row>
      </Stack>
      <FormButtons busy={busy} save={t('action.create')} onCancel={onClose} />
    </form>
  );
}
