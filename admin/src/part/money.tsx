import { NumberInput } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { useSession } from '@/feature/session/session';
import { digitsOf } from '@/locale/format';
import { useLocale } from '@/locale/locale';

/** Writes sums in the site's currency, which come in minor units. */
export function useMoney(): (minor: number) => string {
  const { format } = useLocale();
  const { currency } = useSession().site;
  return (minor) => format.money(minor, currency);
}

/** An amount in minor units of the site's currency. */
export function Money({ amount }: { amount: number }) {
  return <span className="num">{useMoney()(amount)}</span>;
}

interface Props {
  label: string;
  description?: string;
  required?: boolean;
  /** The site's, unless it is said. */
  currency?: string;
  /** In minor units; null while nothing is typed. */
  value: number | null;
  onChange: (minor: number | null) => void;
  error?: ReactNode;
  focus?: boolean;
}

/** An amount of money, typed as people write it and kept in minor units. */
export function MoneyInput({ currency, value, onChange, focus = false, ...props }: Props) {
  const { language } = useLocale();
  const { site } = useSession();
  const code = currency ?? site.currency;
  const digits = digitsOf(code);
  const scale = 10 ** digits;
  const textOf = (minor: number | null): string => (minor === null ? '' : (minor / scale).toFixed(digits));
  const amountOf = (text: string | number): number | null => (text === '' || Number.isNaN(Number(text)) ? null : Math.round(Number(text) * scale));
  // The text is kept as it is typed, “2.” is on its way to “2.50”, until the value is another.
  const [typed, setTyped] = useState<string | number>(textOf(value));
  useEffect(() => {
    if (amountOf(typed) !== value) setTyped(textOf(value));
  }, [value]);
  return (
    <NumberInput
      {...props}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      hideControls
      inputMode="decimal"
      suffix={` ${code}`}
      decimalScale={digits}
      allowNegative={false}
      decimalSeparator={language === 'en' ? '.' : ','}
      allowedDecimalSeparators={['.', ',']}
      value={typed}
      onChange={(next) => {
        setTyped(next);
        onChange(amountOf(next));
      }}
      data-autofocus={focus || undefined}
    />
  );
}
