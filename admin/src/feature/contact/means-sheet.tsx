import { Button, Select, Switch } from '@mantine/core';
import { useEffect } from 'react';
import { useQuery } from 'urql';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { ContactMeansDocument, TryAddressAgainDocument, type ContactMeans } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Stack } from '@/part/form';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import type { ContactFormOf } from './contact-form';
import { purposeName } from './purpose';

const all: readonly ContactMeans[] = ['EMAIL', 'SMS', 'PHONE', 'POST', 'INTERNAL'];

/** Which means of communication to use with a contact, and what it prefers (S-45). `changes` counts its changes from anywhere: each reads anew. */
export function MeansSheet({ id, changes, form }: { id: string; changes: number; form: ContactFormOf }) {
  const { t, tn, known, language, format } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: ContactMeansDocument, variables: { id }, requestPolicy: 'cache-and-network' });
  const { can } = useSession();
  const { send, busy } = useSend(TryAddressAgainDocument);
  const ok = useTellErrors();
  const again = async (means: ContactMeans) => {
    if (!ok(await send({ input: { contactId: id, means } }))) return;
    confirmDone(t('means.againDone'));
    reload({ requestPolicy: 'network-only' });
  };
  useEffect(() => {
    if (changes > 0) reload({ requestPolicy: 'network-only' });
  }, [changes, reload]);
  const rows = data?.contact && 'means' in data.contact ? data.contact.means : undefined;
  const { preferredMeans: preferred } = form.values;
  return (
    <Sheet title={t('means.title')} lead={t('means.lead')}>
      {error && !rows ? (
        <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
      ) : !rows ? (
        <Loading lines={5} />
      ) : (
        <DataTable
          label={t('means.title')}
          rows={rows}
          rowKey={(row) => row.means}
          columns={[
            {
              key: 'means',
              header: t('means.how'),
              phone: 'title',
              cell: (row) => (
                <>
                  {t(`means.${row.means}`)} {row.preferred && <Tag tone="info">{t('means.preferred')}</Tag>}
                </>
              ),
            },
            {
              key: 'use',
              header: t('means.use'),
              cell: (row) => (
                <>
                  <Tag tone={row.use ? 'accent' : 'plain'}>{t(row.use ? 'means.yes' : 'means.no')}</Tag> {row.reason && <span className="dim">{row.means === 'INTERNAL' && row.reason === 'NO_ADDRESS' ? t('means.noAccount') : known('means.reason', row.reason)}</span>}
                  {row.reason === 'BOUNCED' && can('OPERATOR') && (
                    <Button variant="subtle" size="compact-sm" loading={busy} onClick={() => void again(row.means)} aria-label={`${t('means.again')}: ${t(`means.${row.means}`)}`}>
                      {t('means.again')}
                    </Button>
                  )}
                  {row.complainedAt && <div className="dim">{t('means.complained', { day: format.day(row.complainedAt) })}</div>}
                  {row.softBounces > 0 && <div className="dim">{tn('campaign.softBounces', row.softBounces)}</div>}
                </>
              ),
            },
            { key: 'where', header: t('means.where'), cell: (row) => row.address && <span style={{ overflowWrap: 'anywhere' }}>{row.address}</span> },
            { key: 'agreed', header: t('means.agreed'), cell: (row) => row.purposes.map((purpose) => purposeName(purpose, language)).join(', ') },
          ]}
        />
      )}
      <Stack>
        <Select
          mt="md"
          label={t('means.preferred')}
          allowDeselect={false}
          data={[{ value: '', label: t('means.none') }, ...all.map((means) => ({ value: means, label: t(`means.${means}`) }))]}
          {...form.getInputProps('preferredMeans')}
          onChange={(value) => {
            form.setFieldValue('preferredMeans', all.find((means) => means === value) ?? '');
            if (!value) form.setFieldValue('onlyPreferredMeans', false);
          }}
        />
        <Switch label={t('means.only')} description={t('means.onlyHelp')} disabled={preferred === ''} {...form.getInputProps('onlyPreferredMeans', { type: 'checkbox' })} />
        <Switch label={t('means.never')} description={t('means.neverHelp')} {...form.getInputProps('doNotContact', { type: 'checkbox' })} />
      </Stack>
    </Sheet>
  );
}
