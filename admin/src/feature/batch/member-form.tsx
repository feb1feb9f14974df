import { Radio, Select, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useQuery } from 'urql';
import css from '@/feature/sale/convert-dialog.module.css';
import { PlansDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Stack } from '@/part/form';
import { Loading, Problem } from '@/part/state';
import type { OrderFormProps } from './order';

/** Which membership everybody gets, from when and how long (C-21 to C-24). */
export function MemberForm({ onChange }: OrderFormProps) {
  const { t, tn } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: PlansDocument });
  const [state, setState] = useState({ planId: '', startsOn: '', term: 'plan', endsOn: '' });
  const plans = data?.plans ?? [];
  const plan = plans.find(({ id }) => id === state.planId);
  useEffect(() => {
    const { planId, startsOn, term, endsOn } = state;
    const whole = planId !== '' && (term !== 'day' || endsOn !== '');
    onChange(whole ? { action: 'MEMBER', member: { planId, ...(startsOn && { startsOn }), ...(term === 'good' && { endsOn: null }), ...(term === 'day' && { endsOn }) } } : null);
  }, [state, onChange]);
  if (error && !data) return <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />;
  if (!data) return <Loading lines={2} />;
  if (plans.length === 0) return <p className="dim">{t('batch.member.noPlan')}</p>;
  const take = (part: Partial<typeof state>) => setState({ ...state, ...part });
  const lasts = plan?.months ? tn('sale.convert.months', plan.months) : t('sale.convert.good');
  return (
    <Stack>
      <p className="dim">{t('batch.member.help')}</p>
      <Select
        label={t('sale.convert.plan')}
        placeholder={t('batch.member.choose')}
        allowDeselect={false}
        data={plans.map(({ id, name }) => ({ value: id, label: name }))}
        value={state.planId || null}
        onChange={(planId) => take({ planId: planId ?? '', term: 'plan' })}
      />
      <TextInput type="date" label={t('sale.convert.startsOn')} description={t('sale.convert.startsOnHelp')} value={state.startsOn} onChange={(event) => take({ startsOn: event.currentTarget.value })} />
      {plan && (
        <Radio.Group label={t('sale.convert.term')} value={state.term} onChange={(term) => take({ term })}>
          <div className={css.terms}>
            <Radio value="plan" label={t('sale.convert.asPlan', { time: lasts })} />
            {plan.months && <Radio value="good" label={t('sale.convert.forGood')} />}
            <Radio value="day" label={t('sale.convert.untilDay')} />
          </div>
        </Radio.Group>
      )}
      {state.term === 'day' && <TextInput type="date" label={t('sale.convert.endsOn')} required value={state.endsOn} onChange={(event) => take({ endsOn: event.currentTarget.value })} />}
    </Stack>
  );
}
