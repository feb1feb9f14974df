import { Alert, Button } from '@mantine/core';
import { KeyRound } from 'lucide-react';
import { useLocale } from '@/locale/locale';
import { CopyBlock } from '@/part/copy';
import { Stack } from '@/part/form';

/** A webhook's secret, this once. */
export function SecretView({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useLocale();
  return (
    <Stack>
      <Alert color="pine" icon={<KeyRound size={16} aria-hidden />} role="status">
        {t('webhook.secretOnce')}
      </Alert>
      <CopyBlock label={t('webhook.secret')} text={secret} />
      <p className="dim" style={{ margin: 0 }}>
        {t('webhook.secretUse')}
      </p>
      <Button onClick={onClose} data-autofocus>
        {t('webhook.secretKept')}
      </Button>
    </Stack>
  );
}
