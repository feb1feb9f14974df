import { Checkbox } from '@mantine/core';
import { Boxes } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { GroupNamesDocument, UpdateContactDocument, type ContactFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { SaveBar } from '@/part/form';
import { Sheet } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { Dot } from '@/part/tag';
import css from './groups-tab.module.css';

/** The groups a contact is in, to tick and untick. */
export function GroupsTab({ contact, accept }: { contact: ContactFullFragment; accept: (contact: ContactFullFragment) => void }) {
  const { t } = useLocale();
  const { can } = useSession();
  const [{ data, error }] = useQuery({ query: GroupNamesDocument });
  const { send, busy } = useSend(UpdateContactDocument);
  const ok = useTellErrors();
  const [edited, setEdited] = useState<ReadonlySet<string> | null>(null);
  const current = new Set(contact.groups.map((group) => group.id));
  const ticked = edited ?? current;

  const toggle = (id: string, on: boolean) => {
    const next = new Set(ticked);
    if (on) next.add(id);
    else next.delete(id);
    const unchanged = next.size === current.size && [...next].every((one) => current.has(one));
    setEdited(unchanged ? null : next);
  };
  const save = async () => {
    const payload = await send({ input: { id: contact.id, groupIds: [...ticked] } });
    if (!ok(payload) || !payload?.contact) return;
    accept(payload.contact);
    setEdited(null);
  };

  if (error) return <Problem error={error} />;
  if (!data) return <Loading />;
  if (data.groups.length === 0) return <Empty icon={Boxes} title={t('group.empty')} />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Sheet title={t('contact.tab.groups')} lead={t('group.lead')}>
        <div className={css.list}>
          {data.groups.map((group) => (
            <Checkbox
              key={group.id}
              className={css.item}
              disabled={!can('OPERATOR')}
              label={<Dot color={group.color}>{group.name}</Dot>}
              checked={ticked.has(group.id)}
              onChange={(event) => toggle(group.id, event.currentTarget.checked)}
            />
          ))}
        </div>
      </Sheet>
      <SaveBar dirty={edited !== null} busy={busy} onReset={() => setEdited(null)} />
    </form>
  );
}
