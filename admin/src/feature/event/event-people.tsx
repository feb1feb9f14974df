import { ActionIcon, Anchor } from '@mantine/core';
import { X } from 'lucide-react';
import { Link } from 'react-router';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { SetEventContactsDocument, type EventQuery, type EventRole } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { RolePicker } from './role-picker';
import css from './event.module.css';

const roles = ['PRODUCER', 'GUIDE', 'SUPPLIER', 'PARTNER'] as const satisfies EventRole[];

/** Who has a part in an event, by role. */
export function EventPeople({ event, onChange }: { event: EventQuery['event']; onChange: () => void }) {
  const { t } = useLocale();
  const { can } = useSession();
  const { send, busy } = useSend(SetEventContactsDocument);
  const ok = useTellErrors();
  const changes = can('MANAGER') && event.state !== 'CANCELLED';
  const write = async (role: EventRole, contactIds: string[]) => {
    if (ok(await send({ input: { eventId: event.id, role, contactIds } }))) onChange();
  };
  return (
    <Sheet title={t('event.people')} lead={t('event.peopleLead')}>
      {roles.map((role) => {
        const list = event.contacts.filter((one) => one.role === role).map((one) => one.contact);
        const ids = list.map(({ id }) => id);
        return (
          <section key={role} className={css.role} aria-label={t(`event.role.${role}`)}>
            <h3 className={css.roleName}>{t(`event.role.${role}`)}</h3>
            {list.length > 0 && (
              <ul className={css.people}>
                {list.map(({ id, displayName }) => (
                  <li key={id} className={css.person}>
                    <Anchor component={Link} to={`/contacts/${id}`}>
                      {displayName}
                    </Anchor>
                    {changes && (
                      <ActionIcon size={24} variant="subtle" color="gray" disabled={busy} aria-label={t('event.takeOut', { name: displayName })} onClick={() => void write(role, ids.filter((other) => other !== id))}>
                        <X size={14} aria-hidden />
                      </ActionIcon>
                    )}
                  </li>
                ))}
              </ul>
            )}
            {list.length === 0 && !changes && <p className={css.none}>{t('event.nobodyYet')}</p>}
            {changes && (
              <div className={css.pick}>
                {/* A new one after each choice: it begins empty again. */}
                <RolePicker key={ids.join()} role={role} heard label={t(`event.pick.${role}`)} value="" except={ids} onChange={(id) => id && void write(role, [...ids, id])} />
              </div>
            )}
          </section>
        );
      })}
    </Sheet>
  );
}
