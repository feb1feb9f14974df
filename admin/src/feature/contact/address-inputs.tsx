import { Textarea, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { useLocale } from '@/locale/locale';
import { countryOptions } from '@/part/country';
import { Row, Stack } from '@/part/form';
import { OptionalSelect } from '@/part/optional-select';
import type { ContactFormOf } from './contact-form';
import type { AddressName } from './contact-values';
import { SubdivisionInputs } from './subdivision-inputs';

/** An address: once it is begun, country, postcode and city are asked for; lines are not (S-41). */
export function AddressInputs({ form, name }: { form: ContactFormOf; name: AddressName }) {
  const locale = useLocale();
  const { t } = locale;
  const countries = useMemo(() => countryOptions(locale), [locale]);
  const begun = Object.values(form.values[name]).some(Boolean);
  return (
    <Stack>
      <Textarea label={t('contact.field.lines')} autosize minRows={2} maxRows={3} {...form.getInputProps(`${name}.lines`)} />
      <Row>
        <TextInput label={t('contact.field.postcode')} required={begun} {...form.getInputProps(`${name}.postcode`)} />
        <TextInput label={t('contact.field.city')} required={begun} {...form.getInputProps(`${name}.city`)} />
        <OptionalSelect label={t('contact.field.country')} required={begun} searchable data={countries} {...form.getInputProps(`${name}.country`)} />
      </Row>
      <SubdivisionInputs
        country={form.values[name].country}
        value={form.values[name].subdivision}
        onChange={(code) => form.setFieldValue(`${name}.subdivision`, code)}
      />
    </Stack>
  );
}
