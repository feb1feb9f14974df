import { ActionIcon, Button, NumberInput, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import type { IndicatorMeasure } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { MoneyInput } from '@/part/money';
import type { BandDraft } from './draft';
import css from './indicator.module.css';

interface Props {
  bands: readonly BandDraft[];
  measure: IndicatorMeasure;
  /** By path, `bands.2.from`. */
  errors: Record<string, string>;
  onChange: (bands: BandDraft[]) => void;
}

/** The API's limit. */
const most = 6;

/** An indicator's bands, upwards: what each is called, and the least value that is in it. */
export function BandsEditor({ bands, measure, errors, onChange }: Props) {
  const { t } = useLocale();
  const change = (key: string, part: Partial<BandDraft>) => onChange(bands.map((one) => (one.key === key ? { ...one, ...part } : one)));
  return (
    <fieldset className={css.bands}>
      <legend className={css.legend}>{t('indicator.bands')}</legend>
      <p className="dim">{t('indicator.bandsHelp')}</p>
      {bands.map((band, index) => {
        const from = t('indicator.bandFrom', { n: index + 1 });
        const error = errors[`bands.${index}.from`];
        return (
          <div key={band.key} className={css.band}>
            <TextInput
              aria-label={t('indicator.bandName', { n: index + 1 })}
              placeholder={t('indicator.bandPlaceholder')}
              maxLength={100}
              value={band.label}
              error={errors[`bands.${index}.label`]}
              onChange={(event) => change(band.key, { label: event.currentTarget.value })}
            />
            {measure === 'SPENT' ? (
              <MoneyInput label={from} value={band.from} error={error} onChange={(value) => change(band.key, { from: value })} />
            ) : (
              <NumberInput
                label={from}
                hideControls
                allowDecimal={false}
                allowNegative={false}
                value={band.from ?? ''}
                error={error}
                onChange={(value) => change(band.key, { from: typeof value === 'number' ? value : null })}
              />
            )}
            <ActionIcon size={36} aria-label={t('field.removeChoice', { name: band.label })} onClick={() => onChange(bands.filter((one) => one.key !== band.key))}>
              <X size={15} aria-hidden />
            </ActionIcon>
          </div>
        );
      })}
      {errors['bands'] && <p className={css.error}>{errors['bands']}</p>}
      <div>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<Plus size={14} aria-hidden />}
          disabled={bands.length >= most}
          onClick={() => onChange([...bands, { key: crypto.randomUUID(), label: '', from: null }])}
        >
          {t('indicator.addBand')}
        </Button>
      </div>
    </fieldset>
  );
}
