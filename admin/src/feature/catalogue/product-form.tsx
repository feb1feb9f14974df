import { NumberInput, Switch, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { refusalOf } from '@/api/error';
import { useSend } from '@/api/send';
import { RolePicker } from '@/feature/event/role-picker';
import { CreateProductDocument, UpdateProductDocument, type ProductFullFragment, type ProductKind } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Row, Stack } from '@/part/form';
import { MoneyInput } from '@/part/money';

interface Props {
  product: ProductFullFragment | null;
  kind: ProductKind;
  /** What a ticket is for. */
  eventId?: string;
  onClose: () => void;
  onSaved: (id: string) => void;
}

const orNull = (n: number | '') => (n === '' ? null : n);

/** Makes something to sell, or changes it. */
export function ProductForm({ product, kind, eventId, onClose, onSaved }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const create = useSend(CreateProductDocument);
  const update = useSend(UpdateProductDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({
    initialValues: {
      name: product?.name ?? '',
      price: product?.price ?? ('' as number | ''),
      capacity: product?.capacity ?? ('' as number | ''),
      uses: product?.uses ?? (10 as number | ''),
      validDays: product?.validDays ?? ('' as number | ''),
      months: product ? (product.months ?? '') : (12 as number | ''),
      description: product?.description ?? '',
      supplierId: product?.supplier?.id ?? '',
      reserved: product?.reserved ?? false,
      forChild: product?.forChild ?? false,
    },
  });
  const submit = async (values: typeof form.values) => {
    if (values.price === '') {
      form.setErrors({ price: t('error.REQUIRED') });
      return;
    }
    const { name, price, description, reserved, forChild } = values;
    const input = {
      name, price, description, reserved, forChild,
      capacity: orNull(values.capacity),
      supplierId: values.supplierId || null,
      ...(kind === 'PASS' && { uses: orNull(values.uses), validDays: orNull(values.validDays) }),
      ...(kind === 'MEMBERSHIP' && { months: orNull(values.months) }),
    };
    const payload = await (product ? update.send({ input: { id: product.id, ...input } }) : create.send({ input: { kind, eventId: eventId ?? null, ...input } }));
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (payload.product) onSaved(payload.product.id);
  };
  const number = (name: 'capacity' | 'uses' | 'validDays' | 'months') => ({ min: name === 'capacity' ? 0 : 1, allowDecimal: false, ...form.getInputProps(name) });
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <TextInput label={t('catalogue.name')} description={t(`catalogue.nameHelp.${kind}`)} required data-autofocus {...form.getInputProps('name')} />
        <Row>
          <MoneyInput label={t('catalogue.price')} required value={form.values.price === '' ? null : form.values.price} error={form.errors['price']} onChange={(price) => form.setFieldValue('price', price ?? '')} />
          {kind === 'MEMBERSHIP' && <NumberInput label={t('catalogue.months')} {...number('months')} />}
          {kind === 'PASS' && <NumberInput label={t('catalogue.uses')} required {...number('uses')} />}
          {kind === 'PASS' && <NumberInput label={t('catalogue.validDays')} {...number('validDays')} />}
          {kind !== 'RESOURCE' && <NumberInput label={t('catalogue.capacity')} {...number('capacity')} />}
        </Row>
        <Textarea label={t('event.description')} autosize minRows={2} maxRows={8} {...form.getInputProps('description')} />
        <RolePicker role="SUPPLIER" label={t('catalogue.supplier')} value={form.values.supplierId} chosen={product?.supplier ?? null} error={form.errors['supplierId'] as string | undefined} onChange={(id) => form.setFieldValue('supplierId', id)} />
        <Switch label={t('catalogue.reserved')} description={t('catalogue.reservedHelp')} {...form.getInputProps('reserved', { type: 'checkbox' })} />
        <Switch label={t('catalogue.forChild')} description={t('catalogue.forChildHelp')} {...form.getInputProps('forChild', { type: 'checkbox' })} />
      </Stack>
      <FormButtons busy={create.busy || update.busy} save={product ? t('action.save') : t('action.create')} onCancel={onClose} />
    </form>
  );
}
