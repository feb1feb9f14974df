import { Button, Drawer } from '@mantine/core';
import { ListPlus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { SettingsFrame } from '@/feature/setting/settings-frame';
import { FieldDefinitionsDocument, UpdateCustomFieldDocument, type FieldFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { neighbour, RowList } from '@/part/row-list';
import { Empty, Loading, Problem } from '@/part/state';
import { FieldForm } from './field-form';
import { FieldRow } from './field-row';

/** The definitions, with labels in the site's own language: those are the ones to edit. */
function useDefinitions() {
  const { site } = useSession();
  const context = useMemo(
    () => ({ fetchOptions: { credentials: 'same-origin' as const, headers: { 'Accept-Language': site.language } } }),
    [site.language],
  );
  return useQuery({ query: FieldDefinitionsDocument, context });
}

/** Contacts > Settings > Custom fields: the site's own questions (T-37). */
export default function FieldsPage() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useDefinitions();
  const [open, setOpen] = useState<FieldFullFragment | 'new' | null>(null);
  const live = (data?.customFields ?? []).filter((field) => field.archivedAt === null);
  const archived = (data?.customFields ?? []).filter((field) => field.archivedAt !== null);

  return (
    <SettingsFrame
      title={t('setting.tab.fields')}
      actions={
        <Button onClick={() => setOpen('new')}>{t('field.add')}</Button>
      }
    >
      {error && !data ? (
        <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
      ) : !data ? (
        <Loading />
      ) : live.length === 0 && archived.length === 0 ? (
        <Empty icon={ListPlus} title={t('field.empty')} action={<Button onClick={() => setOpen('new')}>{t('field.add')}</Button>}>
          {t('field.emptyText')}
        </Empty>
      ) : (
        <FieldList live={live} archived={archived} onEdit={setOpen} />
      )}
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        size="lg"
        title={open === 'new' ? t('field.new') : t('field.edit')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open && <FieldForm field={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
      </Drawer>
    </SettingsFrame>
  );
}

interface ListProps {
  live: FieldFullFragment[];
  archived: FieldFullFragment[];
  onEdit: (field: FieldFullFragment) => void;
}

function FieldList({ live, archived, onEdit }: ListProps) {
  const { t } = useLocale();
  const { send, busy } = useSend(UpdateCustomFieldDocument);
  const ok = useTellErrors();
  const move = async (field: FieldFullFragment, position: number) => {
    ok(await send({ input: { id: field.id, position } }));
  };
  const archive = async (field: FieldFullFragment, away: boolean) => {
    ok(await send({ input: { id: field.id, archived: away } }));
  };
  return (
    <>
      <Sheet title={t('field.list')} lead={t('field.listLead')}>
        <RowList>
          {live.map((field, index) => (
            <FieldRow
              key={field.id}
              field={field}
              busy={busy}
              onEdit={() => onEdit(field)}
              onArchive={() => void archive(field, true)}
              onUp={neighbour(live, index - 1, ({ position }) => void move(field, position))}
              onDown={neighbour(live, index + 1, ({ position }) => void move(field, position))}
            />
          ))}
        </RowList>
      </Sheet>
      {archived.length > 0 && (
        <Sheet title={t('field.archivedList')} lead={t('field.archivedLead')}>
          <RowList>
            {archived.map((field) => (
              <FieldRow key={field.id} field={field} busy={busy} onEdit={() => onEdit(field)} onRestore={() => void archive(field, false)} />
            ))}
          </RowList>
        </Sheet>
      )}
    </>
  );
}
