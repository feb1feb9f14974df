import { Button, Drawer, Radio } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { purposeName } from '@/feature/contact/purpose';
import { useSession } from '@/feature/session/session';
import { ConsentSettingsDocument, SetConsentPolicyDocument, type ConsentPolicy, type ConsentSettingsQuery, type PurposeFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { SaveBar, Stack } from '@/part/form';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { PurposeForm } from './purpose-form';
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

function Purposes({ purposes, onChange }: { purposes: PurposeFullFragment[]; onChange: () => void }) {
  const { t, language } = useLocale();
  const { can } = useSession();
  const [open, setOpen] = useState<PurposeFullFragment | 'new' | null>(null);
  return (
    <>
      {purposes.map((purpose) => (
        <Sheet
          key={purpose.id}
          title={purposeName(purpose, language)}
          lead={t('setting.consent.inForce', { n: purpose.wording[0]?.version ?? 0 })}
          aside={
            can('MANAGER') && (
              <Button variant="default" onClick={() => setOpen(purpose)}>
                {t('setting.consent.edit')}
              </Button>
            )
          }
        >
          <Wordings rows={purpose.wording} />
          {purpose.wordings.length > purpose.wording.length && (
            <details>
              <summary>{t('setting.consent.earlier')}</summary>
              <Wordings rows={purpose.wordings.slice(purpose.wording.length)} />
            </details>
          )}
        </Sheet>
      ))}
      {can('MANAGER') && (
        <Button variant="default" leftSection={<Plus size={15} aria-hidden />} onClick={() => setOpen('new')}>
          {t('setting.consent.add')}
        </Button>
      )}
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        title={open === 'new' ? t('setting.consent.add') : t('setting.consent.edit')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open && (
          <PurposeForm
            purpose={open === 'new' ? null : open}
            onSaved={() => {
              setOpen(null);
              onChange();
            }}
          />
        )}
      </Drawer>
    </>
  );
}

function Wordings({ rows }: { rows: readonly { version: number; language: string; text: string }[] }) {
  const { t, format } = useLocale();
  return (
    <dl>
      {rows.map(({ version, language, text }) => (
        <div key={`${version} ${language}`}>
          <dt className="dim">
            {format.language(language)} · {t('setting.consent.versionOf', { n: version })}
          </dt>
          <dd lang={language} style={{ margin: '0 0 0.75rem' }}>
            {text}
          </dd>
        </div>
      ))}
    </dl>
  );
}
