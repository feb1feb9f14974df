import { Button } from '@mantine/core';
import { useQuery } from 'urql';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { RemoveSecondStepDocument, StaffListDocument, UpdateStaffDocument, type StaffFullFragment, type StaffRole } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Avatar } from '@/part/avatar';
import { useConfirm } from '@/part/confirm';
import { DataTable, type Column } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { Day } from '@/part/when';
import { RoleSelect } from './role-select';
import css from './staff.module.css';

/** The staff: their roles, and whether they may come in. */
export function StaffList() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: StaffListDocument });
  const columns = useColumns();
  return (
    <Sheet title={t('staff.people')}>
      {data ? (
        <DataTable label={t('staff.people')} rows={data.staff} rowKey={(staff) => staff.id} columns={columns} faded={(staff) => staff.disabledAt !== null} />
      ) : error ? (
        <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
      ) : (
        <Loading />
      )}
    </Sheet>
  );
}

function useColumns(): Column<StaffFullFragment>[] {
  const { t } = useLocale();
  const { staff: self, can } = useSession();
  const confirm = useConfirm();
  const { send, busy } = useSend(UpdateStaffDocument);
  const removal = useSend(RemoveSecondStepDocument);
  const ok = useTellErrors();

  const setRole = async (staff: StaffFullFragment, role: StaffRole) => {
    if (ok(await send({ input: { id: staff.id, role } }))) confirmDone(t('form.saved'));
  };
  const disable = async (staff: StaffFullFragment) => {
    const sure = await confirm({ title: t('staff.disableTitle', { name: staff.name }), text: t('staff.disableText'), yes: t('staff.disable'), danger: true });
    if (sure) ok(await send({ input: { id: staff.id, disabled: true } }));
  };
  const enable = async (staff: StaffFullFragment) => {
    ok(await send({ input: { id: staff.id, disabled: false } }));
  };

  const removeSecondStep = async (staff: StaffFullFragment) => {
    const sure = await confirm({ title: t('staff.removeStepTitle', { name: staff.name }), text: t('staff.removeStepText'), yes: t('signIn.remove'), danger: true });
    if (sure && ok(await removal.send({ input: { id: staff.id } }))) confirmDone(t('staff.stepRemoved', { name: staff.name }));
  };

  return [
    {
      key: 'name',
      header: t('staff.name'),
      phone: 'title',
      cell: (staff) => (
        <span className={css.person}>
          <Avatar name={staff.name || staff.email} kind="PERSON" color="" />
          <span className={css.names}>
            <span className={css.name}>
              {staff.name} {staff.id === self.id && <Tag>{t('staff.you')}</Tag>} {staff.disabledAt && <Tag tone="danger">{t('staff.disabled')}</Tag>}
            </span>
            <span className="dim">{staff.email}</span>
          </span>
        </span>
      ),
    },
    {
      key: 'role',
      header: t('staff.roleLabel'),
      width: '12rem',
      cell: (staff) =>
        can('OWNER') ? (
          <RoleSelect name={t('staff.roleOf', { name: staff.name })} value={staff.role} disabled={busy || staff.disabledAt !== null} onChange={(role) => void setRole(staff, role)} />
        ) : (
          t(`staff.role.${staff.role}`)
        ),
    },
    {
      key: 'secondStep',
      header: t('signIn.secondStep'),
      width: '11rem',
      cell: (staff) =>
        staff.secondStepAt ? (
          <span className={css.step}>
            <span>
              <Tag tone="accent">{t('signIn.on')}</Tag> <Day at={staff.secondStepAt} />
            </span>
            {can('OWNER') && staff.id !== self.id && (
              <Button size="compact-xs" variant="subtle" color="gray" disabled={removal.busy} onClick={() => void removeSecondStep(staff)} aria-label={t('staff.removeStepOf', { name: staff.name })}>
                {t('action.remove')}
              </Button>
            )}
          </span>
        ) : (
          <span className="dim">{t('signIn.off')}</span>
        ),
    },
    {
      key: 'buttons',
      header: t('action.actions'),
      width: '9rem',
      phone: 'actions',
      cell: (staff) =>
        can('OWNER') &&
        staff.id !== self.id && (
          <Button
            size="xs"
            variant="subtle"
            color={staff.disabledAt ? 'pine' : 'gray'}
            disabled={busy}
            onClick={() => void (staff.disabledAt ? enable(staff) : disable(staff))}
            aria-label={`${staff.disabledAt ? t('staff.enable') : t('staff.disable')}: ${staff.name}`}
          >
            {staff.disabledAt ? t('staff.enable') : t('staff.disable')}
          </Button>
        ),
    },
  ];
}
