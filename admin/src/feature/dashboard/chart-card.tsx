import { Button } from '@mantine/core';
import { ChartColumn, Table } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import { useLocale } from '@/locale/locale';
import css from './dashboard.module.css';

interface Props {
  title: string;
  /** What the chart shows, in a sentence. */
  summary: ReactNode;
  /** The chart, which the summary's element says. */
  chart: (labelledBy: string) => ReactNode;
  /** The same as a table. */
  table: ReactNode;
  /** Said instead of both while there is nothing to draw. */
  empty: string | null;
}

/** A chart with a sentence that says what it shows, and a button that shows it as a table. */
export function ChartCard({ title, summary, chart, table, empty }: Props) {
  const { t } = useLocale();
  const [asTable, setAsTable] = useState(false);
  const told = useId();
  const Icon = asTable ? ChartColumn : Table;
  return (
    <section className={css.card} aria-label={title}>
      <div className={css.cardHead}>
        <h2 className={css.cardTitle}>{title}</h2>
        {empty === null && (
          <Button size="xs" variant="default" leftSection={<Icon size={14} aria-hidden />} aria-label={t(asTable ? 'dashboard.chartOf' : 'dashboard.tableOf', { title })} onClick={() => setAsTable(!asTable)}>
            {t(asTable ? 'dashboard.chart' : 'dashboard.table')}
          </Button>
        )}
      </div>
      <p className={css.summary} id={told}>
        {empty ?? summary}
      </p>
      {empty === null && (asTable ? table : chart(told))}
    </section>
  );
}
