import { Button, Skeleton } from '@mantine/core';
import { CircleAlert, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { CombinedError } from 'urql';
import { failureText } from '@/api/error';
import { useLocale } from '@/locale/locale';
import css from './state.module.css';

/** What a place shows that holds nothing yet: what it is for, and how to begin. */
export function Empty({ icon: Icon, title, children, action }: { icon: LucideIcon; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={css.state}>
      <span className={css.icon}>
        <Icon size={22} strokeWidth={1.6} aria-hidden />
      </span>
      <p className={css.title}>{title}</p>
      {children && <p className={css.text}>{children}</p>}
      {action && <div className={css.action}>{action}</div>}
    </div>
  );
}

/** What failed, in words that fit the place if it has some, and a button to try again. */
export function Problem({ error, text, retry }: { error: CombinedError; text?: string | undefined; retry?: () => void }) {
  const locale = useLocale();
  return (
    <div className={css.state} role="alert">
      <span className={css.icon} data-tone="danger">
        <CircleAlert size={22} strokeWidth={1.6} aria-hidden />
      </span>
      <p className={css.title}>{locale.t('state.failed')}</p>
      <p className={css.text}>{text ?? failureText(locale, error)}</p>
      {retry && (
        <div className={css.action}>
          <Button variant="default" onClick={retry}>
            {locale.t('action.retry')}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Grey lines while something is on its way. */
export function Loading({ lines = 5 }: { lines?: number }) {
  const { t } = useLocale();
  return (
    <div className={css.loading} role="status" aria-label={t('state.loading')}>
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={14} radius="sm" width={`${92 - ((line * 17) % 40)}%`} />
      ))}
    </div>
  );
}
