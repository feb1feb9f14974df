import { Button, Drawer } from '@mantine/core';
import { List, Plus } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { DeleteContactOptionDocument, OptionListsDocument, UpdateContactOptionDocument, type ContactOptionList, type OptionFullFragment, type UpdateContactOptionInput } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { ListRow, neighbour, RowList } from '@/part/row-list';
import { Loading, Problem } from '@/part/state';
import { OptionForm } from './option-form';
import css from './list.module.css';

const lists: readonly ContactOptionList[] = ['TITLE', 'FUNCTION', 'NATURE'];

type Open = { list: ContactOptionList; option: OptionFullFragment | null };

/** The lists that the record's inputs offer, each in its own order (S-31, G-06). */
export function OptionLists() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: OptionListsDocument, requestPolicy: 'cache-and-network' });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const [open, setOpen] = useState<Open | null>(null);
  if (error && !data) return <Problem error={error} retry={refresh} />;
  if (!data) return <Loading lines={8} />;
  return (
    <>
      {lists.map((list) => (
        <OptionSheet key={list} list={list} options={data.contactOptions.filter((option) => option.list === list)} onOpen={(option) => setOpen({ list, option })} onChange={refresh} />
      ))}
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        title={open?.option ? t('list.edit') : t('list.add')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open && <OptionForm list={open.list} option={open.option} onClose={() => setOpen(null)} onSaved={refresh} />}
      </Drawer>
    </>
  );
}

interface SheetProps {
  list: ContactOptionList;
  options: OptionFullFragment[];
  onOpen: (option: OptionFullFragment | null) => void;
  onChange: () => void;
}

function OptionSheet({ list, options, onOpen, onChange }: SheetProps) {
  const { t } = useLocale();
  const { can } = useSession();
  const { send, busy } = useSend(UpdateContactOptionDocument);
  const { send: sendDelete, busy: deleting } = useSend(DeleteContactOptionDocument);
  const ok = useTellErrors();
  const change = async (input: UpdateContactOptionInput) => {
    if (ok(await send({ input }))) onChange();
  };
  const remove = async (id: string) => {
    if (ok(await sendDelete({ input: { id } }))) onChange();
  };
  const live = options.filter((option) => option.archivedAt === null);
  const archived = options.filter((option) => option.archivedAt !== null);
  const move = (option: OptionFullFragment) => (other: OptionFullFragment) => void change({ id: option.id, position: options.indexOf(other) });
  const manager = can('MANAGER');
  const row = (option: OptionFullFragment) => ({
    icon: List,
    name: option.name,
    // Titles and functions are for people anyway.
    facts: list === 'NATURE' && t(`list.for.${option.kind ?? 'BOTH'}`),
    busy: busy || deleting,
  });
  return (
    <Sheet
      title={t(`list.name.${list}`)}
      lead={t(`list.help.${list}`)}
      aside={
        manager && (
          <Button variant="default" leftSection={<Plus size={15} aria-hidden />} aria-label={t('list.addTo', { name: t(`list.name.${list}`) })} onClick={() => onOpen(null)}>
            {t('list.add')}
          </Button>
        )
      }
    >
      {live.length === 0 && <p className="dim">{t('list.empty')}</p>}
      <RowList label={t(`list.name.${list}`)}>
        {live.map((option, index) => (
          <ListRow
            key={option.id}
            {...row(option)}
            {...(manager && {
              onEdit: () => onOpen(option),
              onArchive: () => void change({ id: option.id, archived: true }),
              onUp: neighbour(live, index - 1, move(option)),
              onDown: neighbour(live, index + 1, move(option)),
            })}
          />
        ))}
      </RowList>
      {archived.length > 0 && (
        <details className={css.away}>
          <summary>{t('list.archived', { n: archived.length })}</summary>
          <RowList label={t('list.archivedOf', { name: t(`list.name.${list}`) })}>
            {archived.map((option) => (
              <ListRow
                key={option.id}
                {...row(option)}
                {...(manager && { onRestore: () => void change({ id: option.id, archived: false }), onDelete: () => void remove(option.id) })}
              />
            ))}
          </RowList>
        </details>
      )}
    </Sheet>
  );
}
