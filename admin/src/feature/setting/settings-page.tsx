import { Chip, Group, Input, NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useEffect, useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { RoleSelect } from '@/feature/staff/role-select';
import { SettingsDocument, UpdateSiteDocument, type QuickFormField, type SensitiveAttribute, type SiteSettingsFragment, type StaffRole, type UpdateSiteInput } from '@/gql/graphql';
import { languageNames, languages } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import { countryOptions } from '@/part/country';
import { Refused, Row, SaveBar, Stack } from '@/part/form';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { AccentInput } from './accent-input';
import { SaleSettings, saleValuesOf, type SaleValues } from './sale-settings';
import { SettingsFrame } from './settings-frame';

interface Values extends SaleValues {
  name: string;
  timeZone: string;
  language: string;
  country: string;
  contactManagement: boolean;
  loginRequired: boolean;
  inboxMail: boolean;
  trashDays: number;
  quickFormRequired: QuickFormField[];
  sensitiveAttributes: { attribute: SensitiveAttribute; readableBy: StaffRole }[];
  accentColor: string;
}

/** The quick form's fields that can be made mandatory, in their order (S-109, G-33), and what each is called. */
const quickFieldTexts = {
  TITLE: 'title',
  LAST_NAME: 'lastName',
  FIRST_NAME: 'firstName',
  MOBILE: 'mobile',
  EMAIL: 'email',
  COUNTRY: 'country',
  POSTCODE: 'postcode',
  CITY: 'city',
} as const satisfies Record<QuickFormField, string>;
const quickFields = Object.keys(quickFieldTexts) as QuickFormField[];

const valuesOf = (site: SiteSettingsFragment): Values => ({ ...generalOf(site), ...saleValuesOf(site) });

const generalOf = ({ name, timeZone, language, country, contactManagement, loginRequired, inboxMail, trashDays, quickFormRequired, sensitiveAttributes, accentColor }: SiteSettingsFragment) => ({
  name, timeZone, language, country, contactManagement, loginRequired, inboxMail, trashDays, quickFormRequired, accentColor,
  sensitiveAttributes: sensitiveAttributes.map(({ attribute, readableBy }) => ({ attribute, readableBy })),
});

function changeOf(before: Values, after: Values): UpdateSiteInput {
  const changed = Object.entries(after).filter(([key, value]) => JSON.stringify(before[key as keyof Values]) !== JSON.stringify(value));
  return Object.fromEntries(changed.map(([key, value]) => [key, value === '' && typeof before[key as keyof Values] === 'number' ? 0 : value]));
}

/** Contacts > Settings: nothing here takes effect before Save (T-15). */
export default function SettingsPage() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: SettingsDocument });
  return (
    <SettingsFrame title={t('setting.tab.general')}>
      {data ? <GeneralForm site={data.site} /> : error ? <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} /> : <Loading />}
    </SettingsFrame>
  );
}

function GeneralForm({ site }: { site: SiteSettingsFragment }) {
  const locale = useLocale();
  const { t } = locale;
  const { can } = useSession();
  const { send, busy } = useSend(UpdateSiteDocument);
  const [before, setBefore] = useState(() => valuesOf(site));
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm<Values>({ initialValues: before });
  const dirty = Object.keys(changeOf(before, form.values)).length > 0;

  const take = (values: Values) => {
    setBefore(values);
    form.setValues(values);
    form.clearErrors();
    setRest([]);
  };
  // A colleague's change, read anew, goes into a form that nobody has touched.
  useEffect(() => {
    if (!dirty) take(valuesOf(site));
  }, [site]);

  const submit = async (values: Values) => {
    const payload = await send({ input: changeOf(before, values) });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (payload.site) {
      take(valuesOf(payload.site));
      confirmDone(t('form.saved'));
    }
  };

  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <fieldset disabled={!can('MANAGER')} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
        <Sheet title={t('setting.contacts')}>
          <Stack>
            <Switch
              size="md"
              label={t('setting.contactManagement')}
              description={t('setting.contactManagementHelp')}
              {...form.getInputProps('contactManagement', { type: 'checkbox' })}
            />
            {form.values.contactManagement && <ContactSettings form={form} />}
          </Stack>
        </Sheet>
        {form.values.contactManagement && (
          <Sheet title={t('setting.readers')} lead={t('setting.readersLead')}>
            <Row>
              {form.values.sensitiveAttributes.map(({ attribute, readableBy }, at) => (
                <RoleSelect
                  key={attribute}
                  label={t(`setting.sensitive.${attribute}`)}
                  describe={false}
                  value={readableBy}
                  onChange={(role) => form.setFieldValue(`sensitiveAttributes.${at}.readableBy`, role)}
                />
              ))}
            </Row>
          </Sheet>
        )}
        {form.values.contactManagement && <SaleSettings form={form} />}
        <Sheet title={t('setting.site')}>
          <SiteInputs form={form} />
        </Sheet>
      </fieldset>
      <SaveBar dirty={dirty} busy={busy} onReset={() => take(before)} />
    </form>
  );
}

function ContactSettings({ form }: { form: UseFormReturnType<Values> }) {
  const { t } = useLocale();
  return (
    <>
      <Switch
        size="md"
        label={t('setting.loginRequired')}
        description={t('setting.loginRequiredHelp')}
        {...form.getInputProps('loginRequired', { type: 'checkbox' })}
      />
      <Switch
        size="md"
        label={t('setting.inboxMail')}
        description={t('setting.inboxMailHelp')}
        {...form.getInputProps('inboxMail', { type: 'checkbox' })}
      />
      <NumberInput
        label={t('setting.trashDays')}
        description={t('setting.trashDaysHelp')}
        min={0}
        max={3650}
        allowDecimal={false}
        maw="22rem"
        {...form.getInputProps('trashDays')}
        onChange={(days) => form.setFieldValue('trashDays', Number(days))}
      />
      <Input.Wrapper label={t('setting.quickRequired')} labelElement="div" description={t('setting.quickRequiredHelp')}>
        <Chip.Group multiple value={form.values.quickFormRequired} onChange={(values) => form.setFieldValue('quickFormRequired', quickFields.filter((field) => values.includes(field)))}>
          <Group gap="xs" mt={6}>
            {quickFields.map((field) => (
              <Chip key={field} value={field}>
                {t(`contact.field.${quickFieldTexts[field]}`)}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      </Input.Wrapper>
    </>
  );
}

function SiteInputs({ form }: { form: UseFormReturnType<Values> }) {
  const locale = useLocale();
  const { t } = locale;
  const countries = useMemo(() => countryOptions(locale), [locale]);
  const zones = useMemo(() => [...new Set([...Intl.supportedValuesOf('timeZone'), form.values.timeZone])], [form.values.timeZone]);
  return (
    <Stack>
      <TextInput label={t('setting.name')} required {...form.getInputProps('name')} />
      <Row>
        <Select
          label={t('setting.language')}
          description={t('setting.languageHelp')}
          allowDeselect={false}
          data={languages.map((value) => ({ value, label: languageNames[value] }))}
          {...form.getInputProps('language')}
        />
        <Select label={t('setting.country')} description={t('setting.countryHelp')} searchable allowDeselect={false} data={countries} {...form.getInputProps('country')} />
      </Row>
      <Row>
        <Select label={t('setting.timeZone')} searchable allowDeselect={false} data={zones} {...form.getInputProps('timeZone')} />
        <AccentInput label={t('setting.accentColor')} {...form.getInputProps('accentColor')} />
      </Row>
    </Stack>
  );
}
