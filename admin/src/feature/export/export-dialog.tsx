import { Button, Checkbox, Group, Modal, Radio } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { textOf } from '@/api/error';
import { useSend } from '@/api/send';
import { CreateExportDocument, ExportColumnsDocument, type ExportFormat } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import type { Matching } from '@/feature/contact/list-params';
import { Refused } from '@/part/form';
import { Loading, Problem } from '@/part/state';
import css from './export-dialog.module.css';

/** The contacts that leave: chosen ones, or all that match. */
export type ExportScope = { contactIds: string[] } | Matching;

interface Props {
  opened: boolean;
  onClose: () => void;
  scope: ExportScope;
  /** How many they are; null while it is not known. */
  count: number | null;
}

/** Asks how the contacts shall leave, and fetches the file (T-35, T-36). */
export function ExportDialog({ opened, onClose, scope, count }: Props) {
  const { t } = useLocale();
  return (
    <Modal opened={opened} onClose={onClose} size="lg" title={t('export.title')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {opened && <ExportForm onClose={onClose} scope={scope} count={count} />}
    </Modal>
  );
}

const formats: readonly ExportFormat[] = ['CSV', 'XLSX', 'VCARD'];

function ExportForm({ onClose, scope, count }: Omit<Props, 'opened'>) {
  const locale = useLocale();
  const { t, tn, format, language } = locale;
  const { send, busy } = useSend(CreateExportDocument);
  const [kind, setKind] = useState<ExportFormat>('CSV');
  const [{ data, error }, reload] = useQuery({ query: ExportColumnsDocument, variables: { language } });
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<string[]>([]);
  const all = data?.exportColumns ?? [];
  const columns = all.filter((column) => !left.has(column.name)).map((column) => column.name);
  const table = kind !== 'VCARD';

  const start = async () => {
    const payload = await send({ input: { format: kind, language, ...scope, ...(table && left.size > 0 && { columns }) } });
    if (!payload) return;
    setRefused(payload.errors.map((one) => textOf(locale, one.code, one.message)));
    if (!payload.url) return;
    window.location.assign(payload.url); // an attachment: the page stays
    onClose();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <Refused texts={refused} />
      <p className={css.count}>
        {count === null ? ' ' : tn('contactIds' in scope ? 'export.chosen' : 'export.matching', count, { count: format.number(count) })}
      </p>
      <Radio.Group label={t('export.format')} value={kind} onChange={(value) => setKind(formats.find((one) => one === value) ?? 'CSV')}>
        <div className={css.formats}>
          {formats.map((value) => (
            <Radio key={value} value={value} label={t(`export.formatOf.${value}`)} description={t(`export.formatHelp.${value}`)} />
          ))}
        </div>
      </Radio.Group>
      {table && (
        <fieldset className={css.columns}>
          <legend>{t('export.columns')}</legend>
          {error ? (
            <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
          ) : !data ? (
            <Loading lines={4} />
          ) : (
            <>
              <Checkbox
                label={t('export.allColumns')}
                checked={left.size === 0}
                indeterminate={left.size > 0 && left.size < all.length}
                onChange={() => setLeft(left.size === 0 ? new Set(all.map((column) => column.name)) : new Set())}
                fw={560}
                mb="xs"
              />
              <div className={css.list} tabIndex={0} role="group" aria-label={t('export.columns')}>
                {all.map(({ name, label }) => (
                  <Checkbox
                    key={name}
                    label={label}
                    checked={!left.has(name)}
                    onChange={(event) => {
                      const next = new Set(left);
                      if (event.currentTarget.checked) next.delete(name);
                      else next.add(name);
                      setLeft(next);
                    }}
                  />
                ))}
              </div>
            </>
          )}
        </fieldset>
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" loading={busy} disabled={count === 0 || (table && columns.length === 0)}>
          {t('export.start')}
        </Button>
      </Group>
    </form>
  );
}
