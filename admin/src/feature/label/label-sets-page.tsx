import { Button, Drawer } from '@mantine/core';
import { Plus, Tags as TagsIcon } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { SettingsFrame } from '@/feature/setting/settings-frame';
import { DeleteLabelSetDocument, LabelSetsDocument, UpdateLabelSetDocument, type LabelSetFullFragment, type UpdateLabelSetInput } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { Sheet } from '@/part/page';
import { ListRow, neighbour, RowList } from '@/part/row-list';
import { Empty, Loading, Problem } from '@/part/state';
import { Tags } from '@/part/tag';
import { LabelChip } from './label-chip';
import { LabelSetForm } from './label-set-form';

/** Contacts > Settings > Labels: the site's own lists to sort contacts by (T-63, T-64, S-54). */
export default function LabelSetsPage() {
  const { t } = useLocale();
  const { can } = useSession();
  const [{ data, error }, reload] = useQuery({ query: LabelSetsDocument, variables: { includeArchived: true }, requestPolicy: 'cache-and-network' });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const [open, setOpen] = useState<LabelSetFullFragment | 'new' | null>(null);
  const sets = data?.labelSets ?? [];
  const add = can('MANAGER') && (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setOpen('new')}>
      {t('label.addSet')}
    </Button>
  );
  return (
    <SettingsFrame title={t('setting.tab.labels')} actions={sets.length > 0 && add}>
      {error && !data ? (
        <Problem error={error} retry={refresh} />
      ) : !data ? (
        <Loading />
      ) : sets.length === 0 ? (
        <Empty icon={TagsIcon} title={t('label.empty')} action={add}>
          {t('label.emptyText')}
        </Empty>
      ) : (
        <Sets sets={sets} onEdit={setOpen} onChange={refresh} />
      )}
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        size="lg"
        title={open === 'new' ? t('label.addSet') : t('label.editSet')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open && <LabelSetForm set={open === 'new' ? null : open} onClose={() => setOpen(null)} onSaved={refresh} />}
      </Drawer>
    </SettingsFrame>
  );
}

interface SetsProps {
  sets: LabelSetFullFragment[];
  onEdit: (set: LabelSetFullFragment) => void;
  onChange: () => void;
}

function Sets({ sets, onEdit, onChange }: SetsProps) {
  const { t } = useLocale();
  const { can } = useSession();
  const confirm = useConfirm();
  const { send, busy } = useSend(UpdateLabelSetDocument);
  const { send: sendDelete, busy: deleting } = useSend(DeleteLabelSetDocument);
  const ok = useTellErrors();
  const change = async (input: UpdateLabelSetInput) => {
    if (ok(await send({ input }))) onChange();
  };
  const remove = async ({ id, name }: LabelSetFullFragment) => {
    const sure = await confirm({ title: t('label.deleteTitle', { name }), text: t('label.deleteText'), yes: t('action.delete'), danger: true });
    if (sure && ok(await sendDelete({ input: { id } }))) onChange();
  };
  const live = sets.filter((set) => set.archivedAt === null);
  const archived = sets.filter((set) => set.archivedAt !== null);
  // A place among all sets, those put away among them.
  const move = (set: LabelSetFullFragment) => (other: LabelSetFullFragment) => void change({ id: set.id, position: sets.indexOf(other) });
  const manager = can('MANAGER');
  return (
    <>
      <Sheet title={t('label.sets')} lead={t('label.lead')}>
        <RowList label={t('label.sets')}>
          {live.map((set, index) => (
            <ListRow
              key={set.id}
              icon={TagsIcon}
              name={set.name}
              facts={<SetFacts set={set} />}
              busy={busy || deleting}
              {...(manager && {
                onEdit: () => onEdit(set),
                onArchive: () => void change({ id: set.id, archived: true }),
                onDelete: () => void remove(set),
                onUp: neighbour(live, index - 1, move(set)),
                onDown: neighbour(live, index + 1, move(set)),
              })}
            />
          ))}
        </RowList>
      </Sheet>
      {archived.length > 0 && (
        <Sheet title={t('label.archived')} lead={t('label.archivedLead')}>
          <RowList label={t('label.archived')}>
            {archived.map((set) => (
              <ListRow
                key={set.id}
                icon={TagsIcon}
                name={set.name}
                facts={<SetFacts set={set} />}
                busy={busy || deleting}
                {...(manager && { onRestore: () => void change({ id: set.id, archived: false }), onDelete: () => void remove(set) })}
              />
            ))}
          </RowList>
        </Sheet>
      )}
    </>
  );
}

function SetFacts({ set }: { set: LabelSetFullFragment }) {
  const { t, format } = useLocale();
  const labels = set.labels.filter((label) => label.archivedAt === null);
  const facts = [
    set.kinds.map((kind) => t(`label.kind.${kind}`)).join(', '),
    set.audiences.map((audience) => t(`label.audience.${audience}`)).join(', '),
    set.exclusive ? t('label.exclusiveFact') : '',
  ];
  return (
    <>
      <span>{facts.filter(Boolean).join(' · ')}</span>
      <Tags>
        {labels.map((label) => (
          <LabelChip key={label.id} label={label} note={format.number(label.contactCount)} />
        ))}
      </Tags>
    </>
  );
}
