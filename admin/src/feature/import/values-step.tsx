import { Button, Select } from '@mantine/core';
import { CircleCheck } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useQuery } from 'urql';
import { ImportPreviewDocument, type ImportFormat } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { valueKey, type Preview, type ValueMap } from './import-file-page';
import { fileText } from './problem';
import css from './upload-form.module.css';

interface Props {
  uploadId: string;
  format: ImportFormat;
  mapping: { column: number; target: string }[];
  values: ValueMap;
  onValues: (values: ValueMap) => void;
  onBack: () => void;
  onNext: () => void;
}

// What no choice of the site is called.
const asItStands = '\u0000keep';
const leftOut = '\u0000out';

/** Values that the site does not know, and what each is to be read as. */
export function ValuesStep({ uploadId, format, mapping, values, onValues, onBack, onNext }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const [{ data, error, fetching }, reload] = useQuery({ query: ImportPreviewDocument, variables: { uploadId, format, mapping, values: [] }, requestPolicy: 'network-only' });
  const [proposed, setProposed] = useState(false);
  const unknown = (data?.importPreview.columns ?? []).filter((column) => column.unknown.length > 0);
  useEffect(() => {
    if (!data || proposed) return;
    setProposed(true);
    const next = new Map(values);
    for (const column of data.importPreview.columns) {
      for (const one of column.unknown) {
        const key = valueKey(column.column, one.value);
        if (one.proposal && !next.has(key)) next.set(key, one.proposal);
      }
    }
    onValues(next);
  }, [data, proposed, values, onValues]);
  const put = (key: string, to: string | null) => {
    const next = new Map(values);
    if (to === null || to === asItStands) next.delete(key);
    else next.set(key, to === leftOut ? '' : to);
    onValues(next);
  };
  return (
    <Sheet title={t('import.values.title')} lead={unknown.length > 0 ? t('import.values.lead') : undefined}>
      {error ? (
        <Problem error={error} text={fileText(locale, error)} retry={() => reload({ requestPolicy: 'network-only' })} />
      ) : fetching || !data ? (
        <Loading />
      ) : unknown.length === 0 ? (
        <Empty icon={CircleCheck} title={t('import.values.all')} />
      ) : (
        unknown.map((column) => <Unknown key={column.column} column={column} values={values} onPut={put} />)
      )}
      <div className={css.foot}>
        <Button variant="default" onClick={onBack}>
          {t('action.back')}
        </Button>
        <Button onClick={onNext} disabled={!data}>
          {t('import.next')}
        </Button>
      </div>
    </Sheet>
  );
}

function Unknown({ column, values, onPut }: { column: Preview['columns'][number]; values: ValueMap; onPut: (key: string, to: string | null) => void }) {
  const { t, format } = useLocale();
  const choices = column.choices.filter((choice) => choice.value !== '');
  const data = [{ value: asItStands, label: t('import.values.keep') }, { value: leftOut, label: t('import.values.ignore') }, ...choices];
  const chosen = (key: string) => {
    const to = values.get(key);
    return to === undefined ? asItStands : to === '' ? leftOut : to;
  };
  return (
    <div className={css.values}>
      <h3 className={css.valuesTitle}>{column.header}</h3>
      <DataTable
        label={column.header}
        rows={column.unknown}
        rowKey={(one) => one.value}
        columns={[
          { key: 'value', header: t('import.values.value'), phone: 'title', cell: (one) => one.value },
          { key: 'rows', header: t('import.values.rows'), align: 'right', width: '6rem', cell: (one) => format.number(one.rows) },
          {
            key: 'to',
            header: t('import.values.to'),
            width: '19rem',
            cell: (one) => {
              const key = valueKey(column.column, one.value);
              return (
                <Select
                  aria-label={t('import.values.valueOf', { value: one.value, column: column.header })}
                  searchable
                  allowDeselect={false}
                  data={data}
                  value={chosen(key)}
                  onChange={(to) => onPut(key, to)}
                />
              );
            },
          },
        ]}
      />
    </div>
  );
}
