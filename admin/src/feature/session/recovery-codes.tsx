import { Alert, Button, Checkbox, CopyButton } from '@mantine/core';
import { Check, Copy, Download, LifeBuoy } from 'lucide-react';
import { useState } from 'react';
import { useLocale } from '@/locale/locale';
import { Stack } from '@/part/form';
import css from './enrolment.module.css';

/** Saves a text as a file, without sending it anywhere. */
function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}

/** New recovery codes, shown this once. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const { t } = useLocale();
  const [kept, setKept] = useState(false);
  const text = `${codes.join('\n')}\n`;
  return (
    <Stack>
      <Alert color="pine" icon={<LifeBuoy size={16} aria-hidden />} role="status" title={t('signIn.recoveryCodes')}>
        {t('signIn.recoveryOnce')}
      </Alert>
      <ul className={css.codes} aria-label={t('signIn.recoveryCodes')}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className={css.buttons}>
        <CopyButton value={text} timeout={2000}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy} leftSection={copied ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />}>
              {copied ? t('action.copied') : t('action.copy')}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={() => download(t('signIn.file'), text)} leftSection={<Download size={15} aria-hidden />}>
          {t('signIn.download')}
        </Button>
      </div>
      <Checkbox label={t('signIn.kept')} checked={kept} onChange={(event) => setKept(event.currentTarget.checked)} />
      <Button disabled={!kept} onClick={onKept}>
        {t('signIn.goOn')}
      </Button>
    </Stack>
  );
}
