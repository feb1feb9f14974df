import { Button, Drawer } from '@mantine/core';
import { Link2, Lock, Plus } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { linkText } from '@/feature/contact/link-words';
import { useSession } from '@/feature/session/session';
import { DeleteLinkTypeDocument, LinkTypeListDocument, UpdateLinkTypeDocument, type LinkTypeListQuery, type UpdateLinkTypeInput } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { ListRow, neighbour, RowList } from '@/part/row-list';
import { Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { LinkTypeForm } from './link-type-form';
import css from './list.module.css';

type LinkType = LinkTypeListQuery['linkTypes'][number];

/** What links contacts can have: the built-in ones, which mean something to the program, and the site's own (G-07). */
export function LinkTypes() {
  const locale = useLocale();
  const { t } = locale;
  const { can } = useSession();
  const [{ data, error }, reload] = useQuery({ query: LinkTypeListDocument, requestPolicy: 'cache-and-network' });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const { send, busy } = useSend(UpdateLinkTypeDocument);
  const { send: sendDelete, busy: deleting } = useSend(DeleteLinkTypeDocument);
  const ok = useTellErrors();
  const [open, setOpen] = useState<LinkType | 'new' | null>(null);
  if (error && !data) return <Problem error={error} retry={refresh} />;
  if (!data) return <Loading />;
  const change = async (input: UpdateLinkTypeInput) => {
    if (ok(await send({ input }))) refresh();
  };
  const remove = async (id: string) => {
    if (ok(await sendDelete({ input: { id } }))) refresh();
  };
  const live = data.linkTypes.filter((type) => type.archivedAt === null);
  const archived = data.linkTypes.filter((type) => type.archivedAt !== null);
  const own = live.filter((type) => type.kind === 'CUSTOM');
  const move = (type: LinkType) => (other: LinkType) => void change({ id: type.id, position: data.linkTypes.indexOf(other) });
  const manager = can('MANAGER');
  const row = (type: LinkType) => ({
    icon: type.kind === 'CUSTOM' ? Link2 : Lock,
    name: linkText(type, 'from', locale),
    facts: (
      <>
        {linkText(type, 'to', locale)} · {t('list.ends', { from: t(`list.for.${type.fromKind ?? 'BOTH'}`), to: t(`list.for.${type.toKind ?? 'BOTH'}`) })}
        {type.kind !== 'CUSTOM' && <Tag>{t('list.builtIn')}</Tag>}
      </>
    ),
    busy: busy || deleting,
  });
  return (
    <Sheet
      title={t('list.linkTypes')}
      lead={t('list.linkTypesHelp')}
      aside={
        manager && (
          <Button variant="default" leftSection={<Plus size={15} aria-hidden />} onClick={() => setOpen('new')}>
            {t('list.addLinkType')}
          </Button>
        )
      }
    >
      <RowList label={t('list.linkTypes')}>
        {live.map((type) => (
          <ListRow
            key={type.id}
            {...row(type)}
            {...(manager &&
              type.kind === 'CUSTOM' && {
                onEdit: () => setOpen(type),
                onArchive: () => void change({ id: type.id, archived: true }),
                onUp: neighbour(own, own.indexOf(type) - 1, move(type)),
                onDown: neighbour(own, own.indexOf(type) + 1, move(type)),
              })}
          />
        ))}
      </RowList>
      {archived.length > 0 && (
        <details className={css.away}>
          <summary>{t('list.archived', { n: archived.length })}</summary>
          <RowList label={t('list.archivedOf', { name: t('list.linkTypes') })}>
            {archived.map((type) => (
              <ListRow
                key={type.id}
                {...row(type)}
                {...(manager && { onRestore: () => void change({ id: type.id, archived: false }), onDelete: () => void remove(type.id) })}
              />
            ))}
          </RowList>
        </details>
      )}
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        title={open === 'new' ? t('list.addLinkType') : t('list.editLinkType')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open && <LinkTypeForm type={open === 'new' ? null : open} onClose={() => setOpen(null)} onSaved={refresh} />}
      </Drawer>
    </Sheet>
  );
}
