import { ActionIcon, Button, Menu } from '@mantine/core';
import { ChevronDown, Ellipsis, Lock, RotateCcw, Save } from 'lucide-react';
import { useId, useState } from 'react';
import { useQuery } from 'urql';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { DeleteSavedViewDocument, UpdateSavedViewDocument, ViewCountsDocument, type ContactFilter, type ViewFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { builtInViews, isBuiltIn, viewFilters } from '../list-params';
import { allOf } from './criteria';
import { ViewDialog, type ViewState } from './view-dialog';
import { builtInName, type Views } from './use-views';
import css from './view-bar.module.css';

interface Props {
  views: Views;
  current: string;
  /** What a built-in view would show, for its count. */
  asked: { search: string; parts: ContactFilter[]; includeInvalid: boolean };
  /** What a view would be saved as; null when it cannot be saved. */
  state: ViewState | null;
  /** Whether the list differs from the saved view it began with. */
  changed: boolean;
  onPick: (view: string) => void;
  /** A view was made of what is shown. */
  onSaved: (id: string) => void;
}

/** The views of the book (G-31) and the saved ones, and what can be done with the one that is shown. */
export function ViewBar({ views, current, asked, state, changed, onPick, onSaved }: Props) {
  const { t, format } = useLocale();
  const name = useId();
  const counts = useCounts(asked);
  const view = views.saved.find((one) => one.id === current);
  const tab = (value: string, text: string, more?: { count?: number | undefined; own?: boolean }) => (
    <label key={value} className={css.tab}>
      <input type="radio" className={css.input} name={name} value={value} checked={current === value} onChange={() => onPick(value)} />
      <span className={css.text}>{text}</span>
      {more?.count !== undefined && <span className={css.count}>{format.number(more.count)}</span>}
      {more?.own && <Lock size={12} role="img" aria-label={t('contactList.view.private')} />}
    </label>
  );
  return (
    <div className={css.bar}>
      <div role="radiogroup" aria-label={t('contact.view.label')} className={css.tabs}>
        {builtInViews.map((value) => tab(value, t(`contact.view.${value}`), { count: counts?.[builtInName(value)].totalCount }))}
        {views.saved.map((one) => tab(one.id, one.name, { own: !one.shared }))}
      </div>
      <ViewActions views={views} current={current} view={view} state={state} changed={changed} onPick={onPick} onSaved={onSaved} />
    </div>
  );
}

function useCounts({ search, parts, includeInvalid }: Props['asked']) {
  const filter = allOf(parts) ?? null;
  const narrowed = (by: ContactFilter) => allOf([...parts, by]) ?? by;
  const [{ data }] = useQuery({
    query: ViewCountsDocument,
    variables: {
      search: search || null,
      filter,
      contactable: narrowed(viewFilters.contactable),
      members: narrowed(viewFilters.members),
      buyers: narrowed(viewFilters.buyers),
      organizers: narrowed(viewFilters.organizers),
      non_members: narrowed(viewFilters.non_members),
      includeInvalid,
    },
  });
  return data;
}

interface ActionsProps extends Pick<Props, 'views' | 'current' | 'state' | 'changed' | 'onPick' | 'onSaved'> {
  view: ViewFullFragment | undefined;
}

function ViewActions({ views, current, view, state, changed, onPick, onSaved }: ActionsProps) {
  const { t } = useLocale();
  const { can } = useSession();
  const confirm = useConfirm();
  const { send: update, busy } = useSend(UpdateSavedViewDocument);
  const { send: remove } = useSend(DeleteSavedViewDocument);
  const ok = useTellErrors();
  const [dialog, setDialog] = useState<'new' | 'rename' | null>(null);
  const mayChange = view !== undefined && (view.mine || can('MANAGER')) && (!view.shared || can('OPERATOR'));

  const save = async () => {
    if (!view || !state) return;
    if (!ok(await update({ input: { id: view.id, ...state } }))) return;
    confirmDone(t('form.saved'));
    views.reload();
  };
  const share = async (shared: boolean) => {
    if (view && ok(await update({ input: { id: view.id, shared } }))) views.reload();
  };
  const drop = async () => {
    if (!view) return;
    const sure = await confirm({ title: t('contactList.view.deleteTitle', { name: view.name }), text: t(view.shared ? 'contactList.view.deleteShared' : 'contactList.view.deleteText'), yes: t('action.delete'), danger: true });
    if (!sure || !ok(await remove({ input: { id: view.id } }))) return;
    onPick('book');
    views.reload();
  };
  const begin = async () => {
    if (await views.remember(isBuiltIn(current) ? { builtIn: builtInName(current), savedViewId: null } : { savedViewId: current })) confirmDone(t('contactList.view.isDefault'));
  };
  return (
    <div className={css.actions}>
      {changed && view && (
        <>
          <Button size="compact-sm" variant="subtle" color="gray" leftSection={<RotateCcw size={13} aria-hidden />} onClick={() => onPick(view.id)}>
            {t('contactList.view.reset')}
          </Button>
          {mayChange && (
            <Button size="compact-sm" variant="light" loading={busy} disabled={state === null} leftSection={<Save size={13} aria-hidden />} onClick={() => void save()}>
              {t('contactList.view.update')}
            </Button>
          )}
        </>
      )}
      <Menu>
        <Menu.Target>
          <ActionIcon variant="subtle" aria-label={t('contactList.view.actions')}>
            {view ? <Ellipsis size={17} aria-hidden /> : <ChevronDown size={17} aria-hidden />}
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item disabled={state === null} onClick={() => setDialog('new')}>
            {t('contactList.view.saveAs')}
          </Menu.Item>
          <Menu.Item disabled={views.start === current} onClick={() => void begin()}>
            {t('contactList.view.makeDefault')}
          </Menu.Item>
          {mayChange && view && (
            <>
              <Menu.Divider />
              <Menu.Item onClick={() => setDialog('rename')}>{t('contactList.view.rename')}</Menu.Item>
              {can('OPERATOR') && <Menu.Item onClick={() => void share(!view.shared)}>{t(view.shared ? 'contactList.view.unshare' : 'contactList.view.share')}</Menu.Item>}
              <Menu.Item color="red" onClick={() => void drop()}>
                {t('action.delete')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <ViewDialog
        opened={dialog !== null}
        view={dialog === 'rename' ? (view ?? null) : null}
        state={state}
        onClose={() => setDialog(null)}
        onSaved={(id) => {
          views.reload();
          if (dialog === 'new') onSaved(id);
        }}
      />
    </div>
  );
}
