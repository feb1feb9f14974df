import { Radio } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { ConsentSettingsDocument, SetConsentPolicyDocument, type ConsentPolicy, type ConsentSettingsQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { SaveBar, Stack } from '@/part/form';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { Purposes } from './purposes';
import { SettingsFrame } from './settings-frame';

const policies: readonly ConsentPolicy[] = ['INTERACTION', 'CONSENT'];

/** What consent is asked for, in which words, and what it decides about the book (P-02, P-03). */
export default function ConsentPage() {
  const { t } = useLocale();
  const [chosen, setChosen] = useState<ConsentPolicy | null>(null);
  const [{ data, error }, reload] = useQuery({ query: ConsentSettingsDocument, variables: { policy: chosen ?? 'CONSENT' } });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  return (
    <SettingsFrame title={t('setting.tab.consent')}>
      {data ? (
        <>
          <Policy data={data} chosen={chosen} onChoose={setChosen} onSaved={refresh} />
          <Purposes purposes={data.consentPurposes} onChange={refresh} />
        </>
      ) : error ? (
        <Problem error={error} retry={refresh} />
      ) : (
        <Loading />
      )}
    </SettingsFrame>
  );
}

interface PolicyProps {
  data: ConsentSettingsQuery;
  chosen: ConsentPolicy | null;
  onChoose: (policy: ConsentPolicy | null) => void;
  onSaved: () => void;
}

/** The policy, with whom it would move told before it is saved. */
function Policy({ data, chosen, onChoose, onSaved }: PolicyProps) {
  const { t, tn } = useLocale();
  const { can } = useSession();
  const { send, busy } = useSend(SetConsentPolicyDocument);
  const ok = useTellErrors();
  const current = data.site.consentPolicy;
  const dirty = chosen !== null && chosen !== current;
  const { listed, unlisted } = data.consentPolicyEffect;
  const save = async () => {
    if (!chosen) return;
    const payload = await send({ input: { consentPolicy: chosen } });
    if (!ok(payload) || !payload) return;
    onChoose(null);
    onSaved();
    confirmDone(tn('setting.consent.moved', payload.relisted));
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Sheet title={t('setting.consentPolicy')} lead={t('setting.consentPolicyHelp')}>
        <Radio.Group aria-label={t('setting.consentPolicy')} value={chosen ?? current} onChange={(value) => onChoose(value as ConsentPolicy)}>
          <Stack>
            {policies.map((policy) => (
              <Radio key={policy} value={policy} disabled={!can('MANAGER')} label={t(`setting.policy.${policy}`)} description={t(`setting.policyHelp.${policy}`)} />
            ))}
          </Stack>
        </Radio.Group>
        <div role="status">
          {dirty && <p>{chosen === 'CONSENT' ? tn('setting.consent.willUnlist', unlisted) : tn('setting.consent.willList', listed)}</p>}
        </div>
      </Sheet>
      <SaveBar dirty={dirty} busy={busy} onReset={() => onChoose(null)} />
    </form>
  );
}
