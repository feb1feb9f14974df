import { NumberInput, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { refusalOf } from '@/api/error';
import { useSend } from '@/api/send';
import { ContactPicker } from '@/feature/contact/contact-picker';
import { CreateEventDocument, UpdateEventDocument, type EventFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Row, Stack } from '@/part/form';
import { useSiteTime } from '@/part/site-time';

interface Props {
  event: EventFullFragment | null;
  onClose: () => void;
  onSaved: (id: string) => void;
}

/** Makes an event, a draft, or changes one. Times are typed by the site's clock. */
export function EventForm({ event, onClose, onSaved }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const time = useSiteTime();
  const create = useSend(CreateEventDocument);
  const update = useSend(UpdateEventDocument);
  const [rest, setRest] = useState<string[]>([]);
  const [organizer] = useState(() => event?.organizer && { id: event.organizer.id, name: event.organizer.displayName });
  const form = useForm({
    initialValues: {
      name: event?.name ?? '',
      startsAt: event ? time.toClock(event.startsAt) : '',
      endsAt: event ? time.toClock(event.endsAt) : '',
      place: event?.place ?? '',
      capacity: event?.capacity ?? ('' as number | ''),
      description: event?.description ?? '',
      url: event?.url ?? '',
      reference: event?.reference ?? '',
      organizerId: event?.organizer?.id ?? '',
    },
  });
  const submit = async (values: typeof form.values) => {
    const [startsAt, endsAt] = [time.fromClock(values.startsAt), time.fromClock(values.endsAt)];
    if (!startsAt || !endsAt) {
      form.setErrors({ ...(!startsAt && { startsAt: t('error.REQUIRED') }), ...(!endsAt && { endsAt: t('error.REQUIRED') }) });
      return;
    }
    const input = { ...values, startsAt, endsAt, capacity: values.capacity === '' ? null : values.capacity, organizerId: values.organizerId || null };
    const payload = await (event ? update.send({ input: { id: event.id, ...input } }) : create.send({ input }));
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (payload.event) onSaved(payload.event.id);
  };
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <TextInput label={t('event.name')} required data-autofocus {...form.getInputProps('name')} />
        <Row>
          <TextInput
            type="datetime-local"
            label={t('event.starts')}
            required
            {...form.getInputProps('startsAt')}
            onBlur={() => {
              if (form.values.startsAt && !form.values.endsAt) form.setFieldValue('endsAt', time.toClock(new Date(Date.parse(time.fromClock(form.values.startsAt)) + 7_200_000).toISOString()));
            }}
          />
          <TextInput type="datetime-local" label={t('event.ends')} required {...form.getInputProps('endsAt')} />
        </Row>
        <TextInput label={t('event.place')} {...form.getInputProps('place')} />
        <NumberInput label={t('event.capacity')} description={t('event.capacityHelp')} min={0} allowDecimal={false} {...form.getInputProps('capacity')} />
        <Textarea label={t('event.description')} autosize minRows={3} maxRows={10} {...form.getInputProps('description')} />
        <ContactPicker label={t('event.organizer')} kind={null} required={false} chosen={organizer ?? null} value={form.values.organizerId} error={form.errors['organizerId'] as string | undefined} onChange={(id) => form.setFieldValue('organizerId', id)} />
        <TextInput label={t('event.url')} description={t('event.urlHelp')} type="url" {...form.getInputProps('url')} />
        <TextInput label={t('event.reference')} description={t('event.referenceHelp')} {...form.getInputProps('reference')} />
      </Stack>
      <FormButtons busy={create.busy || update.busy} save={event ? t('action.save') : t('action.create')} onCancel={onClose} />
    </form>
  );
}
