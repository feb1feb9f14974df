import { Switch } from '@mantine/core';
import { useQuery } from 'urql';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { SignInEvents } from '@/feature/session/sign-in-events';
import { RequireSecondStepDocument, SignInRuleDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';

/** Whether the staff need a second step, and what happened to how they sign in. For owners. */
export function SecondStepRule() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: SignInRuleDocument });
  const { send, busy } = useSend(RequireSecondStepDocument);
  const ok = useTellErrors();
  const confirm = useConfirm();
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const decide = async (required: boolean) => {
    const sure = await confirm(
      required
        ? { title: t('staff.requireTitle'), text: t('staff.requireText'), yes: t('staff.requireYes') }
        : { title: t('staff.optionalTitle'), text: t('staff.optionalText'), yes: t('staff.optionalYes'), danger: true },
    );
    if (!sure) return;
    if (ok(await send({ required }))) confirmDone(t('form.saved'));
    refresh();
  };
  if (!data) return <Sheet title={t('staff.signIn')}>{error ? <Problem error={error} retry={refresh} /> : <Loading lines={2} />}</Sheet>;
  return (
    <>
      <Sheet title={t('staff.signIn')}>
        <Switch
          size="md"
          label={t('staff.require')}
          description={t('staff.requireHelp')}
          checked={data.site.secondStepRequired}
          disabled={busy}
          onChange={(event) => void decide(event.currentTarget.checked)}
        />
      </Sheet>
      <Sheet title={t('signIn.events')} lead={t('staff.eventsLead')}>
        <SignInEvents named events={data.signInEvents} />
      </Sheet>
    </>
  );
}
