import { useLocale } from '@/locale/locale';
import css from './steps.module.css';

const steps = ['file', 'columns', 'values', 'how', 'try', 'done'] as const;
export type Step = (typeof steps)[number];

/** Where one is on the way from a file to the book. */
export function Steps({ at }: { at: Step }) {
  const { t } = useLocale();
  const now = steps.indexOf(at);
  return (
    <ol className={css.steps} aria-label={t('import.step.label')}>
      {steps.map((step, i) => (
        <li key={step} className={css.step} data-past={i < now || undefined} aria-current={i === now ? 'step' : undefined}>
          <span className={css.number} aria-hidden>
            {i + 1}
          </span>
          <span className={css.name}>{t(`import.step.${step}`)}</span>
        </li>
      ))}
    </ol>
  );
}
