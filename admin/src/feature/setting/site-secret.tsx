import { Alert, Button } from '@mantine/core';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { RotateSiteSecretDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { CopyBlock } from '@/part/copy';
import { Sheet } from '@/part/page';

/** The secret by which the site's own server redeems checkouts; a new one is shown once. */
export function SiteSecret() {
  const { t } = useLocale();
  const { can } = useSession();
  const confirm = useConfirm();
  const { send, busy } = useSend(RotateSiteSecretDocument);
  const ok = useTellErrors();
  const [secret, setSecret] = useState<string | null>(null);
  if (!can('OWNER')) return null;

  const rotate = async () => {
    const sure = await confirm({ title: t('setting.secret.confirm'), text: t('setting.secret.confirmText'), yes: t('setting.secret.rotate'), danger: true });
    if (!sure) return;
    const payload = await send({ input: { confirm: true } });
    if (ok(payload)) setSecret(payload?.secret ?? null);
  };
  return (
    <Sheet title={t('setting.secret.title')} lead={t('setting.secret.lead')}>
      {secret ? (
        <>
          <Alert color="pine" mb="sm" icon={<KeyRound size={16} aria-hidden />} role="status">
            {t('setting.secret.once')}
          </Alert>
          <CopyBlock label={t('setting.secret.title')} text={secret} />
        </>
      ) : (
        <Button variant="default" loading={busy} onClick={() => void rotate()}>
          {t('setting.secret.rotate')}
        </Button>
      )}
    </Sheet>
  );
}
