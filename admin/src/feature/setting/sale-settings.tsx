import { NumberInput, Select, Switch } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useMemo } from 'react';
import type { SiteSettingsFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Row, Stack } from '@/part/form';
import { MoneyInput } from '@/part/money';
import { Sheet } from '@/part/page';

/** What a site decides about its sales. */
export interface SaleValues {
  currency: string;
  organizersView: boolean;
  organizersEdit: boolean;
  organizersCancel: boolean;
  spendMedium: number | '';
  spendLarge: number | '';
  assiduityDays: number | '';
}

export const saleValuesOf = ({ currency, organizersView, organizersEdit, organizersCancel, spendMedium, spendLarge, assiduityDays }: SiteSettingsFragment): SaleValues => ({
  currency, organizersView, organizersEdit, organizersCancel, spendMedium, spendLarge, assiduityDays,
});

/** The inputs for it. That members and organizers sign in is no setting (T-24). */
export function SaleSettings<V extends SaleValues>({ form }: { form: UseFormReturnType<V> }) {
  const { t, language } = useLocale();
  // The form's other values are of no interest here.
  const of = form as unknown as UseFormReturnType<SaleValues>;
  const currencies = useMemo(() => {
    const names = new Intl.DisplayNames(language, { type: 'currency' });
    return Intl.supportedValuesOf('currency').map((code) => ({ value: code, label: `${code} · ${names.of(code) ?? code}` }));
  }, [language]);
  return (
    <Sheet title={t('setting.sales')}>
      <Stack>
        <Select label={t('setting.currency')} description={t('setting.currencyHelp')} maw="22rem" searchable allowDeselect={false} data={currencies} {...of.getInputProps('currency')} />
        <Switch label={t('setting.organizersView')} description={t('setting.organizersHelp')} {...of.getInputProps('organizersView', { type: 'checkbox' })} />
        <Switch label={t('setting.organizersEdit')} {...of.getInputProps('organizersEdit', { type: 'checkbox' })} />
        <Switch label={t('setting.organizersCancel')} {...of.getInputProps('organizersCancel', { type: 'checkbox' })} />
        <Row>
          <MoneyInput label={t('setting.spendMedium')} description={t('setting.spendHelp')} value={of.values.spendMedium === '' ? null : of.values.spendMedium} error={of.errors['spendMedium']} onChange={(sum) => of.setFieldValue('spendMedium', sum ?? '')} />
          <MoneyInput label={t('setting.spendLarge')} description={t('setting.spendHelp')} value={of.values.spendLarge === '' ? null : of.values.spendLarge} error={of.errors['spendLarge']} onChange={(sum) => of.setFieldValue('spendLarge', sum ?? '')} />
          <NumberInput label={t('setting.assiduityDays')} description={t('setting.assiduityHelp')} min={1} max={3660} allowDecimal={false} {...of.getInputProps('assiduityDays')} />
        </Row>
      </Stack>
    </Sheet>
  );
}
