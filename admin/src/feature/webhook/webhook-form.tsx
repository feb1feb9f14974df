import { Anchor, Checkbox, MultiSelect, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { useSend } from '@/api/send';
import { CreateWebhookDocument, SegmentNamesDocument, UpdateWebhookDocument, type WebhookEvent, type WebhookFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';
import { Loading, Problem } from '@/part/state';
import { choosable, explained, ofSegment } from './words';

interface Props {
  webhook: WebhookFullFragment | null;
  onClose: () => void;
  /** Hears the secret of one that was made; empty after a change. */
  onSaved: (secret: string) => void;
}

interface Values {
  name: string;
  url: string;
  events: WebhookEvent[];
  segmentIds: string[];
  enabled: boolean;
}

const mostSegments = 20;

/** Where a webhook leads and what it is told of. */
export function WebhookForm({ webhook, onClose, onSaved }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const create = useSend(CreateWebhookDocument);
  const update = useSend(UpdateWebhookDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm<Values>({
    initialValues: {
      name: webhook?.name ?? '',
      url: webhook?.url ?? '',
      events: webhook?.events ?? ['SEGMENT_ENTERED', 'SEGMENT_LEFT'],
      segmentIds: webhook?.segments.map(({ id }) => id) ?? [],
      enabled: webhook?.status !== 'DISABLED',
    },
  });
  const moves = form.values.events.some(ofSegment);

  const submit = async ({ enabled, ...values }: Values) => {
    const input = { ...values, segmentIds: moves ? values.segmentIds : [], disabled: !enabled };
    const payload = webhook ? await update.send({ input: { id: webhook.id, ...input } }) : await create.send({ input });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, input);
    // One segment of the list that is gone is told at the list.
    const fields = Object.entries(refusal.fields).map(([path, text]) => [path.split('.')[0], text]);
    form.setErrors(Object.fromEntries(fields));
    setRest(refusal.rest);
    if (payload.errors.length === 0) onSaved('secret' in payload ? (payload.secret ?? '') : '');
  };

  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <TextInput label={t('webhook.name')} description={t('webhook.nameHelp')} required data-autofocus {...form.getInputProps('name')} />
        <TextInput label={t('webhook.url')} description={t('webhook.urlHelp')} placeholder="https://crm.example/carnet" type="url" required autoComplete="off" {...form.getInputProps('url')} />
        <Checkbox.Group
          label={t('webhook.events')}
          required
          value={form.values.events}
          error={form.errors['events']}
          onChange={(values) => form.setFieldValue('events', choosable.filter((event) => values.includes(event)))}
        >
          {choosable.map((event) => (
            <Checkbox key={event} mt="xs" value={event} label={t(`webhook.event.${event}`)} description={explained(event) && t(`webhook.eventHelp.${event}`)} />
          ))}
        </Checkbox.Group>
        {moves && <SegmentsInput value={form.values.segmentIds} error={form.errors['segmentIds']} onChange={(ids) => form.setFieldValue('segmentIds', ids)} />}
        <Switch label={t('webhook.enabled')} description={t('webhook.enabledHelp')} {...form.getInputProps('enabled', { type: 'checkbox' })} />
      </Stack>
      <FormButtons busy={create.busy || update.busy} save={webhook ? t('action.save') : t('action.create')} onCancel={onClose} />
    </form>
  );
}

function SegmentsInput({ value, error, onChange }: { value: string[]; error: ReactNode; onChange: (ids: string[]) => void }) {
  const { t } = useLocale();
  const [{ data, error: failed }, reload] = useQuery({ query: SegmentNamesDocument, requestPolicy: 'cache-and-network' });
  if (failed && !data) return <Problem error={failed} retry={() => reload({ requestPolicy: 'network-only' })} />;
  if (!data) return <Loading lines={2} />;
  if (data.segments.length === 0) {
    return (
      <Anchor component={Link} to="/segments/new" underline="always">
        {t('webhook.segmentsNone')}
      </Anchor>
    );
  }
  return (
    <MultiSelect
      label={t('webhook.segments')}
      description={t('webhook.segmentsHelp', { n: mostSegments })}
      required
      searchable
      hidePickedOptions
      maxValues={mostSegments}
      nothingFoundMessage={t('webhook.noSegment')}
      data={data.segments.map(({ id, name }) => ({ value: id, label: name }))}
      value={value}
      error={error}
      onChange={onChange}
    />
  );
}
