import { Alert, Button, Drawer, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { useSend, useTellErrors } from '@/api/send';
import { ApiKeysDocument, CreateApiKeyDocument, RevokeApiKeyDocument, type ApiKeyFullFragment, type StaffRole } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { CopyBlock } from '@/part/copy';
import { DataTable } from '@/part/data-table';
import { FormButtons, Refused, Stack } from '@/part/form';
import { Sheet } from '@/part/page';
import { Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { Day } from '@/part/when';
import { RoleSelect } from './role-select';
import css from './staff.module.css';

const isOver = (key: ApiKeyFullFragment) => key.revokedAt !== null || (key.expiresAt !== null && new Date(key.expiresAt) < new Date());

/** The keys of programs that call the API. */
export function ApiKeys() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: ApiKeysDocument });
  const [creating, setCreating] = useState(false);
  const keys = data?.apiKeys ?? [];
  const revoke = useRevoke();
  return (
    <Sheet
      title={t('staff.keys')}
      lead={t('staff.keysLead')}
      aside={
        <Button variant="default" leftSection={<Plus size={15} aria-hidden />} onClick={() => setCreating(true)}>
          {t('staff.addKey')}
        </Button>
      }
    >
      {error && !data && <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />}
      {data && keys.length === 0 && <p className={css.none}>{t('staff.noKeys')}</p>}
      {keys.length > 0 && (
        <DataTable
          label={t('staff.keys')}
          rows={keys}
          rowKey={(key) => key.id}
          faded={isOver}
          columns={[
            {
              key: 'name',
              header: t('staff.keyName'),
              phone: 'title',
              cell: (key) => (
                <>
                  {key.name} {key.revokedAt ? <Tag tone="danger">{t('staff.revoked')}</Tag> : isOver(key) && <Tag tone="warn">{t('staff.expired')}</Tag>}
                </>
              ),
            },
            { key: 'role', header: t('staff.roleLabel'), width: '10rem', cell: (key) => t(`staff.role.${key.role}`) },
            { key: 'created', header: t('staff.created'), width: '9rem', cell: (key) => <Day at={key.createdAt} /> },
            { key: 'expires', header: t('staff.expires'), width: '9rem', cell: (key) => (key.expiresAt ? <Day at={key.expiresAt} /> : t('staff.never')) },
            {
              key: 'buttons',
              header: t('action.actions'),
              width: '8rem',
              phone: 'actions',
              cell: (key) =>
                !isOver(key) && (
                  <Button size="xs" variant="subtle" color="gray" onClick={() => void revoke(key)} aria-label={`${t('staff.revoke')}: ${key.name}`}>
                    {t('staff.revoke')}
                  </Button>
                ),
            },
          ]}
        />
      )}
      <Drawer opened={creating} onClose={() => setCreating(false)} title={t('staff.addKey')} closeButtonProps={{ 'aria-label': t('action.close') }}>
        {creating && <KeyForm onClose={() => setCreating(false)} onDone={() => reload({ requestPolicy: 'network-only' })} />}
      </Drawer>
    </Sheet>
  );
}

function useRevoke() {
  const { t } = useLocale();
  const confirm = useConfirm();
  const { send } = useSend(RevokeApiKeyDocument);
  const ok = useTellErrors();
  return async (key: ApiKeyFullFragment) => {
    const sure = await confirm({ title: t('staff.revokeTitle', { name: key.name }), text: t('staff.revokeText'), yes: t('staff.revoke'), danger: true });
    if (sure) ok(await send({ input: { id: key.id } }));
  };
}

function KeyForm({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const locale = useLocale();
  const { t } = locale;
  const { send, busy } = useSend(CreateApiKeyDocument);
  const [made, setMade] = useState<string | null>(null);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({ initialValues: { name: '', role: 'VIEWER' as StaffRole, expiresAt: '' } });
  const submit = async (values: typeof form.values) => {
    // The chosen day counts as a whole.
    const expiresAt = values.expiresAt ? new Date(`${values.expiresAt}T23:59:59`).toISOString() : null;
    const payload = await send({ input: { ...values, expiresAt } });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (!payload.key) return;
    setMade(payload.key);
    onDone();
  };
  if (made) {
    return (
      <Stack>
        <Alert color="pine" icon={<KeyRound size={16} aria-hidden />} role="status">
          {t('staff.keyOnce')}
        </Alert>
        <CopyBlock label={t('staff.key')} text={made} />
        <Button onClick={onClose}>{t('staff.keyKept')}</Button>
      </Stack>
    );
  }
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <TextInput label={t('staff.keyName')} description={t('staff.keyNameHelp')} required data-autofocus {...form.getInputProps('name')} />
        <RoleSelect label={t('staff.roleLabel')} value={form.values.role} onChange={(role) => form.setFieldValue('role', role)} />
        <TextInput label={t('staff.expires')} description={t('staff.expiresHelp')} type="date" {...form.getInputProps('expiresAt')} />
      </Stack>
      <FormButtons busy={busy} save={t('staff.createKey')} onCancel={onClose} />
    </form>
  );
}
