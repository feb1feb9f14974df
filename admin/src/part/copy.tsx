import { Button, CopyButton } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { useLocale } from '@/locale/locale';
import css from './copy.module.css';

/** A text to take elsewhere, exactly as it stands, with a button that copies it. */
export function CopyBlock({ text, label }: { text: string; label: string }) {
  const { t } = useLocale();
  return (
    <div className={css.block}>
      <pre className={css.code} data-lines={text.includes('\n') || undefined} tabIndex={0} role="group" aria-label={label}>
        <code>{text}</code>
      </pre>
      <CopyButton value={text} timeout={2000}>
        {({ copied, copy }) => (
          <Button
            className={css.button}
            size="xs"
            variant="default"
            onClick={copy}
            leftSection={copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
            aria-label={`${copied ? t('action.copied') : t('action.copy')}: ${label}`}
          >
            {copied ? t('action.copied') : t('action.copy')}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
