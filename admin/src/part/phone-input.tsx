import { Select, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useLocale } from '@/locale/locale';
import { callingCodes, partsOf } from './calling-code';
import { countryOptions } from './country';
import css from './phone-input.module.css';

interface Props {
  label: string;
  /** As typed, or E.164. */
  value: string;
  onChange: (value: string) => void;
  /** Whose prefix is offered while there is no number. */
  country: string;
  error?: string | undefined;
  required?: boolean;
}

/** A phone number with its country's prefix beside it (S-33). Pasting +47 ... chooses the country. */
export function PhoneInput({ label, value, onChange, country: home, error, required = false }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const [chosen, setChosen] = useState(home);
  const parts = partsOf(value, chosen);
  const country = parts?.country ?? chosen;
  const rest = parts?.rest ?? value;
  const options = useMemo(
    () =>
      countryOptions(locale).flatMap(({ value: code, label: name }) => {
        const prefix = callingCodes.get(code);
        return prefix === undefined ? [] : [{ value: code, label: `${code} +${prefix}`, name: `${name} +${prefix}` }];
      }),
    [locale],
  );
  const write = (next: string, typed: string) => {
    const pasted = partsOf(typed, next);
    if (pasted) setChosen(pasted.country);
    onChange(pasted || typed.trim() === '' ? typed.trim() : `+${callingCodes.get(next) ?? ''}${typed}`);
  };
  return (
    <div className={css.phone}>
      <Select
        className={css.prefix ?? ''}
        label={t('contact.prefix')}
        aria-label={t('contact.prefixOf', { field: label })}
        searchable
        allowDeselect={false}
        checkIconPosition="right"
        comboboxProps={{ width: 280, position: 'bottom-start' }}
        data={options}
        renderOption={({ option }) => options.find((one) => one.value === option.value)?.name ?? option.label}
        filter={({ search }) => {
          const wanted = search.trim().toLocaleLowerCase(locale.language);
          return options.filter((one) => `${one.name} ${one.label}`.toLocaleLowerCase(locale.language).includes(wanted));
        }}
        value={country}
        onChange={(next) => {
          if (next === null) return;
          setChosen(next);
          if (rest) write(next, rest);
        }}
      />
      <TextInput className={css.number ?? ''} label={label} required={required} type="tel" value={rest} error={error} onChange={(event) => write(country, event.currentTarget.value)} />
    </div>
  );
}
