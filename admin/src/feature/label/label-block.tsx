import { Button, Menu } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useEffect } from 'react';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { AssignLabelsDocument, ContactLabelsDocument, LabelNamesDocument, type LabelNameFragment, type LabelNamesQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { LabelChip } from './label-chip';
import css from './label.module.css';

type LabelSet = LabelNamesQuery['labelSets'][number];

/** A contact's labels by their sets, to give and to take (T-65, S-53). Sets that are not for its kind are not offered. */
export function LabelBlock({ id, changes }: { id: string; changes: number }) {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: ContactLabelsDocument, variables: { id }, requestPolicy: 'cache-and-network' });
  const [{ data: names, error: failed }] = useQuery({ query: LabelNamesDocument, requestPolicy: 'cache-and-network' });
  const { send, busy } = useSend(AssignLabelsDocument);
  const ok = useTellErrors();
  useEffect(() => {
    if (changes > 0) reload({ requestPolicy: 'network-only' });
  }, [changes, reload]);

  const problem = (!data && error) || (!names && failed);
  if (problem) return <Problem error={problem} retry={() => reload({ requestPolicy: 'network-only' })} />;
  if (!data || !names) return <Loading lines={3} />;
  const contact = data.contact;
  if (!contact) return null;
  const assign = async (input: { add?: string[]; remove?: string[] }) => {
    if (ok(await send({ input: { contactIds: [id], ...input } }))) reload({ requestPolicy: 'network-only' });
  };
  // A set that was put away since still shows what the contact has of it.
  const offered = names.labelSets.filter((set) => set.kinds.includes(contact.kind));
  const others = contact.labels.filter((label) => !offered.some((set) => set.id === label.setId));
  if (offered.length === 0 && others.length === 0) return null;
  const sets: LabelSet[] = [...offered, ...[...new Map(others.map((label) => [label.setId, label])).values()].map(({ setId, setName }) => ({ id: setId, name: setName, kinds: [], exclusive: false, labels: [] }))];
  return (
    <Sheet title={t('label.title')} lead={t('label.blockLead')}>
      <div className={css.sets}>
        {sets.map((set) => (
          <LabelsOfSet
            key={set.id}
            set={set}
            has={contact.labels.filter((label) => label.setId === set.id)}
            frozen={busy || contact.deletedAt !== null}
            onGive={(label) => void assign({ add: [label.id] })}
            onTake={(label) => void assign({ remove: [label.id] })}
          />
        ))}
      </div>
    </Sheet>
  );
}

interface SetProps {
  set: LabelSet;
  has: LabelNameFragment[];
  frozen: boolean;
  onGive: (label: LabelNameFragment) => void;
  onTake: (label: LabelNameFragment) => void;
}

function LabelsOfSet({ set, has, frozen, onGive, onTake }: SetProps) {
  const { t } = useLocale();
  const { can } = useSession();
  const free = set.labels.filter((label) => !has.some((one) => one.id === label.id));
  const may = can('OPERATOR') && !frozen;
  return (
    <section className={css.set} aria-label={set.name}>
      <div className={css.setHead}>
        <h3 className={css.setName}>{set.name}</h3>
        {set.exclusive && <span className="dim">{t('label.exclusiveFact')}</span>}
      </div>
      <div className={css.chips}>
        {has.map((label) => (
          <LabelChip key={label.id} label={label} onRemove={may ? () => onTake(label) : undefined} />
        ))}
        {has.length === 0 && <span className="dim">{t('label.noneGiven')}</span>}
        {can('OPERATOR') && free.length > 0 && (
          <Menu>
            <Menu.Target>
              <Button size="compact-sm" variant="default" disabled={frozen} leftSection={<Plus size={13} aria-hidden />}>
                {set.exclusive && has.length > 0 ? t('label.change') : t('label.give')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown mah="20rem" style={{ overflowY: 'auto' }}>
              {free.map((label) => (
                <Menu.Item key={label.id} leftSection={<span className={css.dot} style={{ background: label.color }} aria-hidden />} onClick={() => onGive(label)}>
                  {label.name}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
    </section>
  );
}
