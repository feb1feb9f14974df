import { Alert, Button, Group } from '@mantine/core';
import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLocale } from '@/locale/locale';
import css from './form.module.css';
import { useUnsaved } from './leaving';

/** What the server refused that belongs to no input. Nothing when all is well. */
export function Refused({ texts }: { texts: readonly string[] }) {
  if (texts.length === 0) return null;
  return (
    <Alert color="red" icon={<CircleAlert size={18} aria-hidden />} role="alert" mb="md">
      {texts.map((text) => (
        <div key={text}>{text}</div>
      ))}
    </Alert>
  );
}

/** Inputs side by side where there is room. */
export function Row({ children }: { children: ReactNode }) {
  return <div className={css.row}>{children}</div>;
}

/** Inputs one below the other. */
export function Stack({ children }: { children: ReactNode }) {
  return <div className={css.stack}>{children}</div>;
}

/** The buttons of a drawer's or dialog's form. */
export function FormButtons({ busy, save, onCancel, danger, children }: { busy: boolean; save: string; onCancel: () => void; danger?: boolean; children?: ReactNode }) {
  const { t } = useLocale();
  return (
    <Group justify="flex-end" mt="xl" gap="xs">
      <Button variant="default" onClick={onCancel}>
        {t('action.cancel')}
      </Button>
      {children}
      <Button type="submit" loading={busy} {...(danger ? { color: 'red' } : {})}>
        {save}
      </Button>
    </Group>
  );
}

/** Stays at the foot of the screen while a form has changes that are not saved (T-15), and has one asked before they are lost. */
export function SaveBar({ dirty, busy, onReset }: { dirty: boolean; busy: boolean; onReset: () => void }) {
  const { t } = useLocale();
  useUnsaved(dirty);
  if (!dirty) return null;
  return (
    <div className={css.bar} role="region" aria-label={t('form.unsaved')}>
      <span className={css.barText}>{t('form.unsaved')}</span>
      <Button variant="subtle" color="gray" onClick={onReset} disabled={busy}>
        {t('action.discard')}
      </Button>
      <Button type="submit" loading={busy}>
        {t('action.save')}
      </Button>
    </div>
  );
}
