import { Button, Select } from '@mantine/core';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import css from './upload-form.module.css';
import type { Preview } from './import-file-page';

interface Props {
  preview: Preview;
  targets: readonly string[];
  onTargets: (targets: readonly string[]) => void;
  onNext: () => void;
}

/** What each column is read as, with some of its values. */
export function ColumnsStep({ preview, targets, onTargets, onNext }: Props) {
  const { t } = useLocale();
  const data = preview.targets.map((target) => ({ value: target.name, label: target.label }));
  if (preview.columns.length === 0) {
    return (
      <Sheet title={t('import.columns.title')} lead={t('import.columns.cards')}>
        <Foot onNext={onNext} />
      </Sheet>
    );
  }
  return (
    <Sheet title={t('import.columns.title')} lead={t('import.columns.lead')}>
      <DataTable
        label={t('import.columns.title')}
        rows={preview.columns}
        rowKey={(column) => String(column.column)}
        faded={(column) => !targets[column.column]}
        columns={[
          { key: 'column', header: t('import.columns.column'), phone: 'title', width: '14rem', cell: (column) => column.header || `#${column.column + 1}` },
          { key: 'samples', header: t('import.columns.samples'), cell: (column) => <span className={css.samples}>{column.samples.join(' · ') || '–'}</span> },
          {
            key: 'target',
            header: t('import.columns.target'),
            width: '19rem',
            cell: (column) => (
              <Select
                aria-label={t('import.columns.targetOf', { column: column.header })}
                placeholder={t('import.columns.none')}
                searchable
                clearable
                clearButtonProps={{ 'aria-label': t('action.clear') }}
                data={data}
                value={targets[column.column] || null}
                description={column.problem && !targets[column.column] ? t('import.columns.another') : undefined}
                onChange={(value) => onTargets(targets.map((target, i) => (i === column.column ? (value ?? '') : target)))}
              />
            ),
          },
        ]}
      />
      <Foot onNext={onNext} />
    </Sheet>
  );
}

function Foot({ onNext }: { onNext: () => void }) {
  const { t } = useLocale();
  return (
    <div className={css.foot}>
      <Button onClick={onNext}>{t('import.next')}</Button>
    </div>
  );
}
