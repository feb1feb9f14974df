import { Alert, Button, Select } from '@mantine/core';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useSend, useTellErrors } from '@/api/send';
import { RevokeSiteSecretDocument, RotateSiteSecretDocument, type SiteSecretsFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { CopyBlock } from '@/part/copy';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Tag } from '@/part/tag';
import { Ago } from '@/part/when';
import css from './embed-page.module.css';

type Secret = SiteSecretsFragment['secrets'][number];

/** How long the old secret can go on, in hours. */
const overlaps = ['24', '1', '168', '0'] as const;

/** The secrets by which the site's own server redeems checkouts; a new one is shown once. */
export function Secrets({ secrets, onChange }: { secrets: Secret[]; onChange: () => void }) {
  const { t } = useLocale();
  const confirm = useConfirm();
  const { send, busy } = useSend(RotateSiteSecretDocument);
  const { send: revoke } = useSend(RevokeSiteSecretDocument);
  const ok = useTellErrors();
  const [hours, setHours] = useState<string>(overlaps[0]);
  const [made, setMade] = useState<string | null>(null);

  const rotate = async () => {
    const now = hours === '0';
    const text = now ? t('embed.secret.confirmNow') : t('embed.secret.confirmText');
    if (!(await confirm({ title: t('embed.secret.confirm'), text, yes: t('embed.secret.rotate'), danger: now }))) return;
    const payload = await send({ input: { overlapHours: Number(hours) } });
    if (!ok(payload)) return;
    setMade(payload?.secret ?? null);
    onChange();
  };
  const end = async ({ id, hint }: Secret) => {
    const sure = await confirm({ title: t('embed.secret.revokeTitle', { hint }), text: t('embed.secret.revokeText'), yes: t('embed.secret.revoke'), danger: true });
    if (sure && ok(await revoke({ input: { id } }))) onChange();
  };
  return (
    <Sheet title={t('embed.secret.title')} lead={t('embed.secret.lead')}>
      <DataTable
        label={t('embed.secret.title')}
        rows={secrets}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'hint',
            header: t('embed.secret.hint'),
            phone: 'title',
            cell: ({ hint, endsAt }) => (
              <>
                <code>{hint ? `…${hint}` : t('embed.secret.first')}</code> {!endsAt && <Tag tone="accent">{t('embed.secret.current')}</Tag>}
              </>
            ),
          },
          { key: 'made', header: t('embed.secret.made'), cell: ({ createdAt, madeBy }) => <>{madeBy && `${madeBy}, `}<Ago at={createdAt} /></> },
          { key: 'used', header: t('embed.secret.used'), width: '11rem', cell: ({ usedAt }) => (usedAt ? <Ago at={usedAt} /> : t('embed.secret.unused')) },
          { key: 'ends', header: t('embed.secret.ends'), width: '10rem', cell: ({ endsAt }) => (endsAt ? <Ago at={endsAt} /> : '–') },
          {
            key: 'buttons',
            header: t('action.actions'),
            width: '9rem',
            phone: 'actions',
            cell: (secret) =>
              secret.endsAt && (
                <Button size="xs" variant="subtle" color="gray" onClick={() => void end(secret)} aria-label={`${t('embed.secret.revoke')}: ${secret.hint || t('embed.secret.first')}`}>
                  {t('embed.secret.revoke')}
                </Button>
              ),
          },
        ]}
      />
      {made && (
        <>
          <Alert color="pine" my="sm" icon={<KeyRound size={16} aria-hidden />} role="status">
            {t('embed.secret.once')}
          </Alert>
          <CopyBlock label={t('embed.secret.new')} text={made} />
        </>
      )}
      <div className={css.make}>
        <Select
          label={t('embed.secret.overlap')}
          value={hours}
          onChange={(value) => setHours(value ?? overlaps[0])}
          allowDeselect={false}
          data={overlaps.map((value) => ({ value, label: t(`embed.secret.overlaps.${value}`) }))}
        />
        <Button variant="default" loading={busy} onClick={() => void rotate()}>
          {t('embed.secret.rotate')}
        </Button>
      </div>
    </Sheet>
  );
}
