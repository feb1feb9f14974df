import { Button } from '@mantine/core';
import { useSend, useTellErrors } from '@/api/send';
import { RotateSigningKeyDocument, type SigningKeyFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Tag } from '@/part/tag';
import { Ago } from '@/part/when';

const day = 24 * 3600_000;
const stateOf = ({ signsAt, retiredAt }: SigningKeyFullFragment) => {
  const now = new Date();
  if (new Date(signsAt) > now) return 'soon';
  return retiredAt && new Date(retiredAt) <= now ? 'retired' : 'signs';
};

/** The keys that checkout tokens are signed with, which hosts find at /.well-known/jwks.json. */
export function SigningKeys({ keys, onChange }: { keys: readonly SigningKeyFullFragment[]; onChange: () => void }) {
  const { t } = useLocale();
  const confirm = useConfirm();
  const { send, busy } = useSend(RotateSigningKeyDocument);
  const ok = useTellErrors();
  const recent = keys.some(({ createdAt }) => Date.now() - new Date(createdAt).getTime() < day);
  const rotate = async () => {
    const sure = await confirm({ title: t('embed.key.confirm'), text: t('embed.key.confirmText'), yes: t('embed.key.rotate') });
    if (sure && ok(await send({}))) onChange();
  };
  return (
    <Sheet
      title={t('embed.key.title')}
      lead={t('embed.key.lead')}
      aside={
        <Button variant="default" loading={busy} disabled={recent} onClick={() => void rotate()}>
          {t('embed.key.rotate')}
        </Button>
      }
    >
      {keys.length === 0 && <p className="dim">{t('embed.key.none')}</p>}
      {keys.length > 0 && (
        <DataTable
          label={t('embed.key.title')}
          rows={keys}
          rowKey={({ kid }) => kid}
          faded={(key) => stateOf(key) === 'retired'}
          columns={[
            {
              key: 'kid',
              header: t('embed.key.kid'),
              phone: 'title',
              cell: (key) => (
                <>
                  <code>{key.kid.slice(0, 12)}…</code> <Tag tone={stateOf(key) === 'signs' ? 'accent' : 'plain'}>{t(`embed.key.state.${stateOf(key)}`)}</Tag>
                </>
              ),
            },
            { key: 'made', header: t('embed.secret.made'), width: '10rem', cell: ({ createdAt }) => <Ago at={createdAt} /> },
            { key: 'signs', header: t('embed.key.signs'), width: '10rem', cell: ({ signsAt }) => <Ago at={signsAt} /> },
            { key: 'until', header: t('embed.key.until'), width: '12rem', cell: ({ publishedUntil }) => (publishedUntil ? <Ago at={publishedUntil} /> : '–') },
          ]}
        />
      )}
      {recent && <p className="dim">{t('embed.key.recent')}</p>}
    </Sheet>
  );
}
