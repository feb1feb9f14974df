import { Button, Drawer, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { InviteStaffDocument, RevokeInvitationDocument, StaffInvitationsDocument, type StaffRole } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { FormButtons, Refused, Stack } from '@/part/form';
import { Sheet } from '@/part/page';
import { Problem } from '@/part/state';
import { Ago } from '@/part/when';
import { RoleSelect } from './role-select';
import css from './staff.module.css';

/** Who has been invited and has not come yet. */
export function Invitations() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: StaffInvitationsDocument });
  const { send } = useSend(RevokeInvitationDocument);
  const ok = useTellErrors();
  const [inviting, setInviting] = useState(false);
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const revoke = async (id: string) => {
    if (ok(await send({ input: { id } }))) refresh();
  };
  const invitations = data?.staffInvitations ?? [];
  return (
    <Sheet
      title={t('staff.invitations')}
      lead={t('staff.invitationsLead')}
      aside={
        <Button variant="default" leftSection={<Plus size={15} aria-hidden />} onClick={() => setInviting(true)}>
          {t('staff.invite')}
        </Button>
      }
    >
      {error && !data && <Problem error={error} retry={refresh} />}
      {data && invitations.length === 0 && <p className={css.none}>{t('staff.noInvitations')}</p>}
      {invitations.length > 0 && (
        <DataTable
          label={t('staff.invitations')}
          rows={invitations}
          rowKey={(invitation) => invitation.id}
          columns={[
            { key: 'email', header: t('session.email'), phone: 'title', cell: (invitation) => invitation.email },
            { key: 'role', header: t('staff.roleLabel'), width: '10rem', cell: (invitation) => t(`staff.role.${invitation.role}`) },
            { key: 'expires', header: t('staff.expires'), width: '10rem', cell: (invitation) => <Ago at={invitation.expiresAt} /> },
            {
              key: 'buttons',
              header: t('action.actions'),
              width: '9rem',
              phone: 'actions',
              cell: (invitation) => (
                <Button size="xs" variant="subtle" color="gray" onClick={() => void revoke(invitation.id)} aria-label={`${t('staff.revoke')}: ${invitation.email}`}>
                  {t('staff.revoke')}
                </Button>
              ),
            },
          ]}
        />
      )}
      <Drawer opened={inviting} onClose={() => setInviting(false)} title={t('staff.invite')} closeButtonProps={{ 'aria-label': t('action.close') }}>
        {inviting && <InviteForm onClose={() => setInviting(false)} onDone={refresh} />}
      </Drawer>
    </Sheet>
  );
}

function InviteForm({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const locale = useLocale();
  const { t } = locale;
  const { send, busy } = useSend(InviteStaffDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({ initialValues: { email: '', role: 'OPERATOR' as StaffRole } });
  const submit = async (values: typeof form.values) => {
    const payload = await send({ input: values });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (!payload.invitation) return;
    confirmDone(t('staff.invited', { email: payload.invitation.email }));
    onDone();
    onClose();
  };
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <TextInput label={t('session.email')} type="email" required data-autofocus {...form.getInputProps('email')} />
        <RoleSelect label={t('staff.roleLabel')} value={form.values.role} onChange={(role) => form.setFieldValue('role', role)} />
      </Stack>
      <FormButtons busy={busy} save={t('staff.sendInvitation')} onCancel={onClose} />
    </form>
  );
}
