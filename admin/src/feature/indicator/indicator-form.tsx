import { ActionIcon, Checkbox, NumberInput, Select, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { CreateIndicatorDocument, SalesChannelsDocument, UpdateIndicatorDocument, type IndicatorFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';
import { BandsEditor } from './bands-editor';
import { draftOf, inputOf, kindsOf, measures, periods, type IndicatorDraft } from './draft';
import { iconNames, indicatorIcons } from './icons';
import css from './indicator.module.css';
import { EventsSelect, ProductsSelect } from './picker';

/** Defines an indicator, or changes one: what is counted, of what, in which days, and in which bands (S-26, S-50). */
export function IndicatorForm({ indicator, onClose, onSaved }: { indicator: IndicatorFullFragment | null; onClose: () => void; onSaved: () => void }) {
  const locale = useLocale();
  const { t } = locale;
  const create = useSend(CreateIndicatorDocument);
  const update = useSend(UpdateIndicatorDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm<IndicatorDraft>({ initialValues: draftOf(indicator) });
  const submit = async (draft: IndicatorDraft) => {
    const { measure, ...input } = inputOf(draft);
    const payload = await (indicator ? update.send({ input: { id: indicator.id, ...input } }) : create.send({ input: { measure, ...input } }));
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, { ...input, measure });
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (payload.errors.length > 0) return;
    confirmDone(t('form.saved'));
    onSaved();
    onClose();
  };
  const errors = Object.fromEntries(Object.entries(form.errors).map(([path, text]) => [path, String(text)]));
  /** An error of a list stands at the list, whichever item it is of. */
  const ofList = (name: string) => Object.entries(errors).find(([path]) => path === name || path.startsWith(`${name}.`))?.[1];
  const { values, setFieldValue } = form;
  return (
    <form onSubmit={form.onSubmit((draft) => void submit(draft))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <TextInput label={t('indicator.name')} required data-autofocus maxLength={100} {...form.getInputProps('name')} />
        <IconPicker value={values.icon} onChange={(icon) => setFieldValue('icon', icon)} />
        <Select
          label={t('indicator.measure')}
          description={indicator ? t('indicator.measureFixed') : t(`indicator.measureHelp.${values.measure}`)}
          allowDeselect={false}
          disabled={indicator !== null}
          data={measures.map((value) => ({ value, label: t(`indicator.of.${value}`) }))}
          value={values.measure}
          onChange={(value) => setFieldValue('measure', measures.find((one) => one === value) ?? 'ORDERS')}
        />
        <ProductsSelect value={values.products} onChange={(list) => setFieldValue('products', list)} error={ofList('productIds')} />
        <EventsSelect value={values.events} onChange={(list) => setFieldValue('events', list)} error={ofList('eventIds')} />
        {kindsOf(values.measure).length > 1 && (
          <Checkbox.Group
            label={t('indicator.kinds')}
            description={t('indicator.kindsHelp')}
            value={values.kinds}
            error={ofList('kinds')}
            onChange={(list) => setFieldValue('kinds', kindsOf(values.measure).filter((kind) => list.includes(kind)))}
          >
            {kindsOf(values.measure).map((kind) => (
              <Checkbox key={kind} mt="xs" value={kind} label={t(`sale.kind.${kind}`)} />
            ))}
          </Checkbox.Group>
        )}
        <ChannelsInput value={values.channels} onChange={(list) => setFieldValue('channels', list)} error={ofList('channels')} />
        <PeriodInput values={values} errors={errors} onChange={(part) => form.setValues(part)} />
        <BandsEditor bands={values.bands} measure={values.measure} errors={errors} onChange={(bands) => setFieldValue('bands', bands)} />
      </Stack>
      <FormButtons busy={create.busy || update.busy} save={indicator ? t('action.save') : t('action.create')} onCancel={onClose} />
    </form>
  );
}

function IconPicker({ value, onChange }: { value: IndicatorDraft['icon']; onChange: (icon: IndicatorDraft['icon']) => void }) {
  const { t } = useLocale();
  return (
    <div role="group" aria-label={t('indicator.icon')}>
      <span className={css.legend}>{t('indicator.icon')}</span>
      <div className={css.icons}>
        {iconNames.map((name) => {
          const Icon = indicatorIcons[name];
          return (
            <ActionIcon key={name} size={36} variant={value === name ? 'filled' : 'default'} aria-pressed={value === name} aria-label={t(`indicator.icons.${name}`)} onClick={() => onChange(name)}>
              <Icon size={17} aria-hidden />
            </ActionIcon>
          );
        })}
      </div>
    </div>
  );
}

function ChannelsInput({ value, onChange, error }: { value: string[]; onChange: (list: string[]) => void; error: string | undefined }) {
  const { t } = useLocale();
  const [{ data }] = useQuery({ query: SalesChannelsDocument, requestPolicy: 'cache-first' });
  return (
    <TagsInput
      label={t('indicator.channels')}
      description={t('indicator.channelsHelp')}
      placeholder={value.length === 0 ? t('indicator.allChannels') : ''}
      data={data?.salesChannels ?? []}
      value={value}
      onChange={onChange}
      error={error}
    />
  );
}

interface PeriodProps {
  values: IndicatorDraft;
  errors: Record<string, string>;
  onChange: (part: Partial<IndicatorDraft>) => void;
}

function PeriodInput({ values, errors, onChange }: PeriodProps) {
  const { t, format } = useLocale();
  return (
    <div className={css.period}>
      <Select
        label={t('indicator.period')}
        allowDeselect={false}
        data={periods.map((value) => ({ value, label: t(`indicator.periods.${value}`) }))}
        value={values.period}
        onChange={(value) => onChange({ period: periods.find((one) => one === value) ?? 'ALL_TIME' })}
      />
      {values.period === 'LAST_DAYS' && (
        <NumberInput
          label={t('indicator.days')}
          hideControls
          allowDecimal={false}
          allowNegative={false}
          value={values.days}
          error={errors['days']}
          onChange={(days) => onChange({ days: typeof days === 'number' ? days : '' })}
        />
      )}
      {values.period === 'YEAR' && (
        <>
          <NumberInput
            label={t('indicator.startDay')}
            hideControls
            allowDecimal={false}
            allowNegative={false}
            value={values.startDay}
            error={errors['startDay']}
            onChange={(startDay) => onChange({ startDay: typeof startDay === 'number' ? startDay : '' })}
          />
          <Select
            label={t('indicator.startMonth')}
            allowDeselect={false}
            data={Array.from({ length: 12 }, (_, index) => ({ value: String(index + 1), label: format.month(index + 1) }))}
            value={String(values.startMonth)}
            error={errors['startMonth']}
            onChange={(month) => onChange({ startMonth: Number(month ?? 1) })}
          />
        </>
      )}
    </div>
  );
}
