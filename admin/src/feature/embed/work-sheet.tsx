import { Radio } from '@mantine/core';
import { useState } from 'react';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { SaveProofOfWorkDocument, type ProofOfWork, type ThrottlesQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { SaveBar, Stack } from '@/part/form';
import { Sheet } from '@/part/page';
import { Tag } from '@/part/tag';

const modes: readonly ProofOfWork[] = ['OFF', 'AUTOMATIC', 'ALWAYS'];

/** When visitors' browsers do work before they sign in or ask for a mail, and whether they do now. */
export function WorkSheet({ site, load, onChange }: { site: ThrottlesQuery['site']; load: ThrottlesQuery['doorLoad']; onChange: () => void }) {
  const { t, format } = useLocale();
  const { send, busy } = useSend(SaveProofOfWorkDocument);
  const ok = useTellErrors();
  const [chosen, setChosen] = useState<ProofOfWork | null>(null);
  const save = async (proofOfWork: ProofOfWork) => {
    if (!ok(await send({ input: { proofOfWork } }))) return;
    setChosen(null);
    confirmDone(t('form.saved'));
    onChange();
  };
  const dirty = chosen !== null && chosen !== site.proofOfWork;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (dirty) void save(chosen);
      }}
    >
      <Sheet title={t('embed.work.title')} lead={t('embed.work.lead')} aside={<Tag tone={load.asks ? 'warn' : 'plain'}>{t(load.asks ? 'embed.work.on' : 'embed.work.idle')}</Tag>}>
        <Radio.Group aria-label={t('embed.work.title')} value={chosen ?? site.proofOfWork} onChange={(value) => setChosen(modes.find((one) => one === value) ?? null)}>
          <Stack>
            {modes.map((mode) => (
              <Radio key={mode} value={mode} label={t(`embed.work.mode.${mode}`)} description={t(`embed.work.help.${mode}`, { busy: format.number(load.busy) })} />
            ))}
          </Stack>
        </Radio.Group>
        {site.proofOfWork !== 'OFF' && <p className="dim">{t('embed.work.calls', { calls: format.number(load.calls) })}</p>}
      </Sheet>
      <SaveBar dirty={dirty} busy={busy} onReset={() => setChosen(null)} />
    </form>
  );
}
