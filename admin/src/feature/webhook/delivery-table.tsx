import { ActionIcon, Drawer, Tooltip } from '@mantine/core';
import { Eye, RotateCw } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { RedeliverWebhookDocument, type DeliveryFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Ago } from '@/part/when';
import { DeliveryView } from './delivery-view';
import { ResultTag } from './words';
import css from './webhook.module.css';

interface Props {
  deliveries: DeliveryFullFragment[];
  /** Whether the webhook is told nothing. */
  disabled: boolean;
  onChange: () => void;
  /** Stands below the table. */
  children: ReactNode;
}

/** What a webhook was sent or is to be sent, newest first. */
export function DeliveryTable({ deliveries, disabled, onChange, children }: Props) {
  const { t, tn, format } = useLocale();
  const [shown, setShown] = useState<string | null>(null);
  const { send, busy } = useSend(RedeliverWebhookDocument);
  const ok = useTellErrors();
  const again = async (deliveryId: string) => {
    if (!ok(await send({ input: { deliveryId } }))) return;
    confirmDone(t('webhook.againDone'));
    onChange();
  };
  const naming = (row: DeliveryFullFragment) => ({ what: t(`webhook.event.${row.event}`), when: format.moment(row.createdAt) });
  return (
    <Sheet title={t('webhook.deliveries')} lead={t('webhook.deliveriesLead')}>
      {deliveries.length === 0 ? (
        <p className={css.none}>{t('webhook.deliveriesNone')}</p>
      ) : (
        <DataTable
          label={t('webhook.deliveries')}
          rows={deliveries}
          rowKey={(row) => row.id}
          columns={[
            {
              key: 'what',
              header: t('webhook.what'),
              phone: 'title',
              cell: (row) => (
                <>
                  {t(`webhook.event.${row.event}`)}
                  {row.contactIds.length > 0 && <span className={css.count}>{tn('webhook.contacts', row.contactIds.length)}</span>}
                </>
              ),
            },
            { key: 'when', header: t('webhook.when'), width: '9rem', cell: (row) => <Ago at={row.createdAt} /> },
            { key: 'result', header: t('webhook.outcome'), width: '9rem', cell: (row) => <ResultTag delivery={row} /> },
            {
              key: 'answer',
              header: t('webhook.answer'),
              width: '5rem',
              cell: (row) => (row.responseStatus !== null ? <span className="num">{row.responseStatus}</span> : row.attempts > 0 ? t('webhook.noAnswer') : '–'),
            },
            { key: 'attempts', header: t('webhook.attempts'), align: 'right', width: '5rem', cell: (row) => format.number(row.attempts) },
            { key: 'next', header: t('webhook.next'), width: '9rem', cell: (row) => (row.status === 'QUEUED' ? <Ago at={row.nextAt} /> : '–') },
            {
              key: 'buttons',
              header: t('action.actions'),
              width: '6rem',
              phone: 'actions',
              cell: (row) => (
                <span className={css.buttons}>
                  <Tooltip label={t('webhook.view')}>
                    <ActionIcon size={32} onClick={() => setShown(row.id)} aria-label={t('webhook.viewOne', naming(row))}>
                      <Eye size={16} aria-hidden />
                    </ActionIcon>
                  </Tooltip>
                  <Tooltip label={t('webhook.again')}>
                    <ActionIcon size={32} disabled={disabled || busy} onClick={() => void again(row.id)} aria-label={t('webhook.againOne', naming(row))}>
                      <RotateCw size={16} aria-hidden />
                    </ActionIcon>
                  </Tooltip>
                </span>
              ),
            },
          ]}
        />
      )}
      {children}
      <Drawer opened={shown !== null} onClose={() => setShown(null)} size="lg" title={t('webhook.delivery')} closeButtonProps={{ 'aria-label': t('action.close') }}>
        {shown !== null && <DeliveryView id={shown} disabled={disabled || busy} onAgain={() => void again(shown)} />}
      </Drawer>
    </Sheet>
  );
}
