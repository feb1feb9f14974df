import { ActionIcon, Button, Modal, Radio, Select, TextInput, Tooltip } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IdCard } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { ConvertToMemberDocument, PlansDocument, type ContactStatus, type PlansQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';
import css from './convert-dialog.module.css';

/** Who can be converted. */
interface Candidate {
  id: string;
  displayName: string;
  deletedAt: string | null;
  statuses: readonly ContactStatus[];
}

/** Who is being converted to a member, and whether that is offered. */
export interface Converting {
  /** Whether there is a plan, and the role may. */
  offered: boolean;
  plans: PlansQuery['plans'];
  who: Candidate | null;
  begin: (who: Candidate | null) => void;
  /** The button beside a name in a list; nothing beside a member's (C-21). */
  button: (who: Candidate) => ReactNode;
}

/** Reads the plans, which are what one converts to. */
export function useConverting(): Converting {
  const { t } = useLocale();
  const { can } = useSession();
  const [who, begin] = useState<Candidate | null>(null);
  const [{ data }] = useQuery({ query: PlansDocument, pause: !can('OPERATOR') });
  const plans = data?.plans ?? [];
  const button = (one: Candidate) =>
    isMember(one) ? null : (
      <Tooltip label={t('sale.convert.action')}>
        <ActionIcon variant="subtle" size={26} className={css.beside ?? ''} aria-label={t('sale.convert.label', { name: one.displayName })} onClick={() => begin(one)}>
          <IdCard size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
    );
  return { offered: can('OPERATOR') && plans.length > 0, plans, who, begin, button };
}

const isMember = ({ statuses }: Candidate) => statuses.includes('SUBSCRIBER');

/** The button on a contact's page (C-22). */
export function ConvertButton({ contact, onDone }: { contact: Candidate; onDone: () => void }) {
  const { t } = useLocale();
  const converting = useConverting();
  if (!converting.offered) return null;
  return (
    <>
      {!isMember(contact) && (
        <Button variant="default" leftSection={<IdCard size={16} aria-hidden />} onClick={() => converting.begin(contact)}>
          {t('sale.convert.action')}
        </Button>
      )}
      <ConvertDialog converting={converting} onDone={onDone} />
    </>
  );
}

/** Gives a contact a membership without a sale (C-21 to C-24). */
export function ConvertDialog({ converting, onDone }: { converting: Converting; onDone: () => void }) {
  const { t } = useLocale();
  const { who, plans, begin } = converting;
  const close = () => begin(null);
  return (
    <Modal opened={who !== null} onClose={close} title={t('sale.convert.action')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {who && <ConvertForm who={who} plans={plans} onClose={close} onDone={onDone} />}
    </Modal>
  );
}

/** How long it lasts: as long as the plan, for good, or until a day. */
type Term = 'plan' | 'good' | 'day';

interface FormProps {
  who: Candidate;
  plans: PlansQuery['plans'];
  onClose: () => void;
  onDone: () => void;
}

function ConvertForm({ who, plans, onClose, onDone }: FormProps) {
  const locale = useLocale();
  const { t, tn } = locale;
  const { send, busy } = useSend(ConvertToMemberDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({ initialValues: { planId: plans[0]?.id ?? '', startsOn: '', term: 'plan' as Term, endsOn: '' } });
  const { planId, term } = form.values;
  const plan = plans.find((one) => one.id === planId);
  const submit = async ({ startsOn, endsOn, ...values }: typeof form.values) => {
    if (term === 'day' && endsOn === '') return form.setErrors({ endsOn: t('error.REQUIRED') });
    const input = { contactId: who.id, planId: values.planId, ...(startsOn && { startsOn }), ...(term === 'good' && { endsOn: null }), ...(term === 'day' && { endsOn }) };
    const payload = await send({ input });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, form.values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (!payload.contact) return;
    confirmDone(t('sale.convert.done', { name: who.displayName }));
    onDone();
    onClose();
  };
  const lasts = plan?.months ? tn('sale.convert.months', plan.months) : t('sale.convert.good');
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <p className={css.lead}>{t('sale.convert.lead', { name: who.displayName })}</p>
        <Select label={t('sale.convert.plan')} allowDeselect={false} data-autofocus data={plans.map((one) => ({ value: one.id, label: one.name }))} {...form.getInputProps('planId')} />
        <TextInput type="date" label={t('sale.convert.startsOn')} description={t('sale.convert.startsOnHelp')} {...form.getInputProps('startsOn')} />
        <Radio.Group label={t('sale.convert.term')} {...form.getInputProps('term')}>
          <div className={css.terms}>
            <Radio value="plan" label={t('sale.convert.asPlan', { time: lasts })} />
            {plan?.months && <Radio value="good" label={t('sale.convert.forGood')} />}
            <Radio value="day" label={t('sale.convert.untilDay')} />
          </div>
        </Radio.Group>
        {term === 'day' && <TextInput type="date" label={t('sale.convert.endsOn')} {...form.getInputProps('endsOn')} />}
      </Stack>
      <FormButtons busy={busy} save={t('sale.convert.save')} onCancel={onClose} />
    </form>
  );
}
