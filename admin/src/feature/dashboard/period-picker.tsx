import { SegmentedControl, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useLocale } from '@/locale/locale';
import { periodNames, periodUpTo, problemOf, type Period } from './period';
import css from './dashboard.module.css';

/** Chooses the period: one that ends today, or days of one's own. */
export function PeriodPicker({ period, today, onChange }: { period: Period; today: string; onChange: (period: Period) => void }) {
  const { t } = useLocale();
  return (
    <div className={css.picker}>
      <SegmentedControl
        size="xs"
        aria-label={t('dashboard.period')}
        value={period.name}
        onChange={(value) => {
          const name = periodNames.find((one) => one === value) ?? '30';
          onChange(name === 'own' ? { ...period, name } : periodUpTo(name, today));
        }}
        data={periodNames.map((value) => ({ value, label: t(`dashboard.periods.${value}`) }))}
      />
      {period.name === 'own' && <OwnDays period={period} onChange={onChange} />}
    </div>
  );
}

/** Two days; what is no period stays here and is said. */
function OwnDays({ period, onChange }: { period: Period; onChange: (period: Period) => void }) {
  const { t } = useLocale();
  const [typed, setTyped] = useState({ from: period.from, to: period.to });
  useEffect(() => setTyped({ from: period.from, to: period.to }), [period.from, period.to]);
  const problem = typed.from && typed.to ? problemOf(typed.from, typed.to) : null;
  const type = (part: { from?: string; to?: string }) => {
    const next = { ...typed, ...part };
    setTyped(next);
    if (next.from && next.to && problemOf(next.from, next.to) === null) onChange({ name: 'own', ...next });
  };
  return (
    <div className={css.days}>
      <TextInput size="xs" type="date" label={t('dashboard.from')} value={typed.from} onChange={(event) => type({ from: event.currentTarget.value })} />
      <TextInput size="xs" type="date" label={t('dashboard.to')} value={typed.to} error={problem && t(`dashboard.problem.${problem}`)} onChange={(event) => type({ to: event.currentTarget.value })} />
    </div>
  );
}
