import { Input, NumberInput, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { CreateOfferDocument, OfferChoicesDocument, UpdateOfferDocument, type OfferFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Row, Stack } from '@/part/form';
import { ProductSelect } from './product-select';

interface Props {
  offer: OfferFullFragment | null;
  onClose: () => void;
  onSaved: () => void;
}

/** Makes an offer, or changes one (S-43). */
export function OfferForm({ offer, onClose, onSaved }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const create = useSend(CreateOfferDocument);
  const update = useSend(UpdateOfferDocument);
  const [{ data }] = useQuery({ query: OfferChoicesDocument });
  const [whose, setWhose] = useState<'segment' | 'group'>(offer?.group ? 'group' : 'segment');
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({
    initialValues: {
      name: offer?.name ?? '',
      type: offer?.type ?? '',
      information: offer?.information ?? '',
      segmentId: offer?.segment?.id ?? '',
      groupId: offer?.group?.id ?? '',
      productId: offer?.product?.id ?? '',
      available: offer?.available ?? ('' as number | string),
      startsOn: offer?.startsOn ?? '',
      endsOn: offer?.endsOn ?? '',
    },
  });
  const submit = async (values: typeof form.values) => {
    const input = {
      ...values,
      segmentId: (whose === 'segment' && values.segmentId) || null,
      groupId: (whose === 'group' && values.groupId) || null,
      productId: values.productId || null,
      available: typeof values.available === 'number' ? values.available : null,
      startsOn: values.startsOn || null,
      endsOn: values.endsOn || null,
    };
    const payload = await (offer ? update.send({ input: { id: offer.id, ...input } }) : create.send({ input }));
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(whose === 'group' && refusal.fields['segmentId'] ? { ...refusal.fields, groupId: refusal.fields['segmentId'] } : refusal.fields);
    setRest(refusal.rest);
    if (!payload.offer) return;
    confirmDone(t('form.saved'));
    onSaved();
    onClose();
  };
  const choices = (rows: readonly { id: string; name: string }[] | undefined) => (rows ?? []).map(({ id, name }) => ({ value: id, label: name }));
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <TextInput label={t('offer.name')} required data-autofocus {...form.getInputProps('name')} />
        <TextInput label={t('offer.type')} description={t('offer.typeHelp')} required {...form.getInputProps('type')} />
        <Input.Wrapper label={t('offer.for')} labelElement="div">
          <SegmentedControl
            aria-label={t('offer.for')}
            fullWidth
            value={whose}
            onChange={(value) => setWhose(value as typeof whose)}
            data={[{ value: 'segment', label: t('offer.forSegment') }, { value: 'group', label: t('offer.forGroup') }]}
          />
        </Input.Wrapper>
        {whose === 'segment' ? (
          <Select label={t('offer.segment')} required searchable data={choices(data?.segments)} {...form.getInputProps('segmentId')} />
        ) : (
          <Select label={t('offer.group')} required searchable data={choices(data?.groups)} {...form.getInputProps('groupId')} />
        )}
        <ProductSelect product={offer?.product ?? null} value={form.values.productId} onChange={(id) => form.setFieldValue('productId', id)} error={form.errors['productId'] === undefined ? undefined : String(form.errors['productId'])} />
        <NumberInput label={t('offer.available')} description={t('offer.availableHelp')} min={0} allowDecimal={false} {...form.getInputProps('available')} />
        <Row>
          <TextInput type="date" label={t('offer.startsOn')} {...form.getInputProps('startsOn')} />
          <TextInput type="date" label={t('offer.endsOn')} {...form.getInputProps('endsOn')} />
        </Row>
        <Textarea label={t('offer.information')} description={t('offer.informationHelp')} autosize minRows={2} maxRows={6} {...form.getInputProps('information')} />
      </Stack>
      <FormButtons busy={create.busy || update.busy} save={offer ? t('action.save') : t('action.create')} onCancel={onClose} />
    </form>
  );
}
