import { Anchor, Button, NumberInput, Switch } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import { useClient, useQuery } from 'urql';
import { failureText, textOf } from '@/api/error';
import { confirmDone, tell, useSend } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { IdleContactsDocument, RetentionPlanDocument, RetentionRulesDocument, UpdateRetentionDocument, type MendFragment, type RetentionFullFragment, type RetentionPlanQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { Refused, Stack } from '@/part/form';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { PrivacyFrame } from './privacy-frame';
import { useMore } from './use-pages';
import css from './privacy.module.css';

const rules = ['contactMonths', 'historyMonths', 'messageMonths', 'auditMonths'] as const;
const counted = { contactMonths: 'contacts', historyMonths: 'history', messageMonths: 'messages', auditMonths: 'audit' } as const;

interface Plan {
  counts: RetentionPlanQuery['retentionPlan'];
  rules: Record<(typeof rules)[number], number | null>;
}

/** How long the site keeps what nobody uses: the rules, and what they would do now. */
export default function RetentionPage() {
  const { t } = useLocale();
  const [{ data, error }, again] = useQuery({ query: RetentionRulesDocument });
  return (
    <PrivacyFrame tab="retention" lead={t('privacy.retention.lead')}>
      {error && !data ? <Problem error={error} retry={() => again({ requestPolicy: 'network-only' })} /> : !data ? <Loading /> : <Rules key={data.retention.updatedAt} retention={data.retention} />}
    </PrivacyFrame>
  );
}

function Rules({ retention }: { retention: RetentionFullFragment }) {
  const locale = useLocale();
  const { t, format } = locale;
  const { can } = useSession();
  const confirm = useConfirm();
  const client = useClient();
  const { send, busy } = useSend(UpdateRetentionDocument);
  const { contactMonths, historyMonths, messageMonths, auditMonths } = retention;
  const [draft, setDraft] = useState({ enabled: retention.enabled, contactMonths, historyMonths, messageMonths, auditMonths });
  const [errors, setErrors] = useState<MendFragment[]>([]);
  const [plan, setPlan] = useState<Plan | null>(null);
  const [trying, setTrying] = useState(false);
  const owner = can('OWNER');
  /** What the rules as they are typed would do now; undefined when that cannot be told. */
  const planned = async (): Promise<Plan | undefined> => {
    setTrying(true);
    const answer = await client.query(RetentionPlanDocument, { rules: draft }, { requestPolicy: 'network-only' }).toPromise();
    setTrying(false);
    if (answer.error) tell(failureText(locale, answer.error));
    return answer.data && { counts: answer.data.retentionPlan, rules: draft };
  };
  const tryIt = async () => {
    const next = await planned();
    if (next) setPlan(next);
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (draft.enabled) {
      const next = await planned();
      if (!next || !(await confirm({ title: t('privacy.retention.sure'), text: <Sure plan={next} />, yes: t('privacy.retention.sureYes'), danger: true }))) return;
    }
    const payload = await send({ input: draft });
    if (!payload) return;
    setErrors(payload.errors);
    if (payload.errors.length === 0) confirmDone(t('privacy.retention.saved'));
  };
  const wrong = (name: string) => {
    const found = errors.find((one) => one.path.includes(name));
    return found && textOf(locale, found.code, found.message);
  };
  return (
    <form onSubmit={(event) => void save(event)} noValidate>
      <Sheet title={t('privacy.retention.rules')} lead={t('privacy.retention.rulesLead')}>
        <Refused texts={errors.filter((one) => !rules.some((name) => one.path.includes(name))).map((one) => textOf(locale, one.code, one.message))} />
        <Stack>
          {rules.map((name) => (
            <NumberInput
              key={name}
              classNames={{ wrapper: css.months ?? '' }}
              label={t(`privacy.retention.${name}`)}
              description={t(`privacy.retention.${name}Hint`)}
              suffix={` ${t('privacy.retention.months')}`}
              placeholder={t('privacy.retention.forGood')}
              value={draft[name] ?? ''}
              onChange={(value) => setDraft({ ...draft, [name]: typeof value === 'number' ? value : null })}
              allowDecimal={false}
              allowNegative={false}
              hideControls
              readOnly={!owner}
              error={wrong(name)}
            />
          ))}
          <Switch label={t('privacy.retention.enabled')} description={t('privacy.retention.enabledHint')} checked={draft.enabled} disabled={!owner} onChange={(event) => setDraft({ ...draft, enabled: event.currentTarget.checked })} />
        </Stack>
        <div className={css.buttons}>
          <Button variant="default" loading={trying} onClick={() => void tryIt()}>
            {t('privacy.retention.try')}
          </Button>
          {owner && (
            <Button type="submit" loading={busy}>
              {t('action.save')}
            </Button>
          )}
        </div>
        <p className={css.rest}>
          {!owner && `${t('privacy.retention.owner')} `}
          {retention.updatedAt && t('privacy.retention.set', { day: format.day(retention.updatedAt), name: retention.updatedByName })} {retention.ranAt && t('privacy.retention.ran', { day: format.day(retention.ranAt) })}
        </p>
      </Sheet>
      {plan && (
        <Sheet title={t('privacy.retention.would')} lead={t('privacy.retention.wouldLead')}>
          <Counts plan={plan} />
          {plan.rules.contactMonths !== null && plan.counts.contacts > 0 && <Idle months={plan.rules.contactMonths} />}
        </Sheet>
      )}
    </form>
  );
}

/** Asked before rules are put to work. */
function Sure({ plan }: { plan: Plan }) {
  const { t } = useLocale();
  return (
    <>
      <p>{t('privacy.retention.sureText')}</p>
      <Counts plan={plan} />
    </>
  );
}

function Counts({ plan: { counts, rules: of } }: { plan: Plan }) {
  const { t, format } = useLocale();
  return (
    <ul className={css.deeds} aria-label={t('privacy.retention.would')}>
      {rules.map((name) => (
        <li key={name}>
          <span>{t(`privacy.retention.${name}`)}</span>
          {of[name] === null ? <span className="dim">{t('privacy.retention.forGood')}</span> : <span className="num">{format.number(counts[counted[name]])}</span>}
        </li>
      ))}
    </ul>
  );
}

function Idle({ months }: { months: number }) {
  const { t } = useLocale();
  const { rows, more } = useMore(IdleContactsDocument, { months }, String(months));
  return (
    <>
      <h3 className={css.heading}>{t('privacy.retention.whom')}</h3>
      <ul className={css.steps}>
        {(rows ?? []).map((one) => (
          <li key={one.id}>
            <Anchor component={Link} to={`/contacts/${one.id}`}>
              {one.displayName}
            </Anchor>
          </li>
        ))}
      </ul>
      {more && (
        <Button variant="default" mt="md" onClick={more}>
          {t('action.more')}
        </Button>
      )}
    </>
  );
}
