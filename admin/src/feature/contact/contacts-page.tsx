import { Button, Menu } from '@mantine/core';
import { Building2, ChevronDown, Link2, Plus, SearchX, Trash2, UserPlus, Users } from 'lucide-react';
import { useCallback, useEffect, useId, useMemo, useState } from 'react';
import { Link } from 'react-router';
import { ExportButton } from '@/feature/export/export-button';
import { useIndicators } from '@/feature/indicator/use-indicators';
import { PickingBar, usePickForSale } from '@/feature/sale/picking-bar';
import type { Json } from '@/api/scalar';
import { ConvertDialog, useConverting } from '@/feature/sale/convert-dialog';
import { useSession } from '@/feature/session/session';
import type { ContactFilter, ContactKind } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Page } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { usePhone } from '@/theme/screen';
import { ContactTable } from './contact-table';
import { ListTools } from './list-tools';
import { addressOf, contactOrder, isBuiltIn, plainList, useListParams, viewFilter, type ListParams, type Matching } from './list-params';
import { ColumnMenu } from './list/column-menu';
import { columnsOf, listColumns, needsOf } from './list/columns';
import { allOf, countOf, noCriteria, partsOf, readRule, type Criteria } from './list/criteria';
import { CriteriaChips } from './list/criteria-chips';
import { CriteriaPanel } from './list/criteria-panel';
import { NewRelay } from './list/new-relay';
import { SaveSegment } from './list/segment-dialog';
import { TakeAll, useSelection } from './list/selection';
import { useCriteriaOptions } from './list/use-criteria-options';
import { paramsOf, useViews } from './list/use-views';
import { ViewBar } from './list/view-bar';
import type { ViewState } from './list/view-dialog';
import { QuickAdd } from './quick-add';
import { SelectionBar, useErase } from './selection-bar';
import { useContactPages } from './use-contact-pages';

/** What the page can be busy making. */
type Making = ContactKind | 'RELAY' | null;

/** The book: every contact of the site, found, sorted and picked on the server (T-25, T-29). */
export default function ContactsPage({ kind: fixedKind }: { kind?: ContactKind }) {
  const { t, tn, format } = useLocale();
  const { can } = useSession();
  const phone = usePhone();
  const panelId = useId();
  const options = useCriteriaOptions();
  const views = useViews(fixedKind === 'ORGANIZATION' ? 'ORGANIZATIONS' : 'CONTACTS', fixedKind);
  const { params: told, change, silent } = useListParams();
  const params = useMemo<ListParams>(() => (fixedKind ? { ...told, kind: fixedKind } : told), [told, fixedKind]);
  const { criteria } = params;
  const [making, setMaking] = useState<Making>(null);
  const [panel, setPanel] = useState(false);

  const pick = useCallback(
    (view: string) => {
      const saved = views.saved.find((one) => one.id === view);
      if (saved) change(paramsOf(saved, options.types ?? new Map()));
      // Between the views that every site has one keeps looking for the same.
      else change(isBuiltIn(params.view) ? { view, trash: false } : { ...plainList, view });
    },
    [views.saved, options.types, params.view, change],
  );

  // A plain address opens the list as its reader likes it.
  const opening = silent && (!views.ready || views.start !== 'book');
  useEffect(() => {
    if (!silent || !views.ready || options.types === null || views.start === 'book') return;
    const saved = views.saved.find((one) => one.id === views.start);
    change(saved ? paramsOf(saved, options.types) : { view: views.start }, true);
  }, [silent, views, options.types, change]);

  const view = views.saved.find((one) => one.id === params.view);
  const asIs = useMemo(() => (view && options.types ? paramsOf(view, options.types) : null), [view, options.types]);
  const own = view ? (view.columns.length > 0 ? view.columns : undefined) : views.columns;
  const columns = params.columns ?? own;
  const changed = asIs !== null && (addressOf({ ...asIs, kind: fixedKind ?? asIs.kind }) !== addressOf({ ...params, columns: null }) || !same(columns, own));

  const parts = useMemo<ContactFilter[]>(
    () => [...(params.kind ? [{ kind: params.kind }] : []), ...partsOf(criteria, options.types ?? new Map()), ...params.rest],
    [params.kind, criteria, options.types, params.rest],
  );
  const narrow = params.trash ? undefined : viewFilter(params.view);
  const shown = useMemo(() => (narrow ? [...parts, narrow] : parts), [parts, narrow]);
  const matching = useMemo<Matching>(() => {
    const filter = allOf(shown);
    return {
      ...(params.search && { search: params.search }),
      ...(filter && { filter }),
      includeUnlisted: params.view === 'everyone' || params.unlisted,
      includeInvalid: criteria.invalid !== '',
      trash: params.trash,
    };
  }, [shown, params, criteria.invalid]);
  const { byId: indicators } = useIndicators();
  const order = { by: params.by, direction: params.direction };
  const waiting = opening || (options.types === null && Object.keys(criteria.fields).length > 0);
  const pages = useContactPages(matching, order, phone ? {} : needsOf(columnsOf(columns ?? listColumns, indicators)), waiting);
  const selection = useSelection(matching);
  const { reload } = pages;
  const { clear } = selection;
  const afterChange = useCallback(() => {
    clear();
    reload();
  }, [clear, reload]);
  const { erase, busy: erasing } = useErase(afterChange);
  const converting = useConverting();

  const [visible, setVisible] = useState<string[]>([]);
  const arrange = (next: string[] | null) => {
    if (view) change({ columns: next }, true);
    else void views.remember({ columns: next });
  };
  const stored = criteria.iban === ''; // everybody reads what is stored, and only managers IBANs
  const state: ViewState | null = stored
    ? {
        kind: params.kind || null,
        search: params.search,
        filter: allOf(withoutKind(shown)) ?? null,
        includeUnlisted: matching.includeUnlisted ?? false,
        includeInvalid: criteria.invalid !== '',
        orderBy: contactOrder(order),
        columns: columns ?? [],
      }
    : null;
  const rule = allOf([...shown, ...(params.search ? [{ search: params.search }] : [])]);
  const clearAll = () => change({ search: '', kind: '', criteria: noCriteria, rest: [] });

  /** What a view that was saved from a built-in one has besides, in the terms of the criteria. */
  const saved = (filter: ContactFilter | undefined, { invalid }: Criteria): Partial<ListParams> => {
    const { criteria: told, rest } = readRule((filter ?? {}) as Json, options.types ?? new Map());
    return { criteria: { ...told, invalid }, rest };
  };

  const title = params.trash ? t('contact.list.trash') : fixedKind ? t('nav.organizations') : t('nav.everyone');
  const narrowed = params.search !== '' || (params.kind !== '' && !fixedKind) || countOf(criteria) > 0 || params.rest.length > 0;
  const add = can('OPERATOR') ? setMaking : undefined;
  const pickForSale = usePickForSale();
  return (
    <Page
      title={title}
      width="full"
      lead={pages.total === null ? ' ' : tn('contact.list.count', pages.total, { count: format.number(pages.total) })}
      actions={
        <>
          {can('OPERATOR') && <ExportButton scope={matching} count={pages.total} />}
          {params.trash
            ? can('MANAGER') &&
              pages.rows.length > 0 && (
                <Button variant="default" loading={erasing} leftSection={<Trash2 size={16} aria-hidden />} onClick={() => void erase(null)}>
                  {t('contact.list.emptyTrash')}
                </Button>
              )
            : add && <AddMenu only={fixedKind} onAdd={add} />}
        </>
      }
    >
      <PickingBar />
      {!params.trash && (
        <ViewBar
          views={views}
          current={params.view}
          asked={
            isBuiltIn(params.view)
              ? { search: params.search, parts, includeInvalid: criteria.invalid !== '' }
              : { search: '', parts: fixedKind ? [{ kind: fixedKind }] : [], includeInvalid: false }
          }
          state={state}
          changed={changed}
          onPick={pick}
          onSaved={(id) =>
            change({
              view: id,
              unlisted: matching.includeUnlisted ?? false,
              ...(narrow && saved(allOf(withoutKind(shown)), criteria)),
            })
          }
        />
      )}
      <ListTools
        params={params}
        change={change}
        fixedKind={fixedKind !== undefined}
        advanced={{ open: panel, count: countOf(criteria), id: panelId, toggle: () => setPanel(!panel) }}
      >
        {!phone && (
          <ColumnMenu
            shown={columns ?? visible}
            fields={options.fields}
            fieldById={options.fieldById}
            onChange={arrange}
            onReset={columns !== undefined && (view ? params.columns !== null : true) ? () => arrange(null) : undefined}
          />
        )}
      </ListTools>
      {panel && (
        <div id={panelId}>
          <CriteriaPanel criteria={criteria} options={options} onSearch={(next) => change({ criteria: next, ...(next === noCriteria && { rest: [] }) })} />
        </div>
      )}
      <CriteriaChips
        criteria={criteria}
        options={options}
        rest={params.rest.length}
        onChange={(part) => change({ criteria: { ...criteria, ...part } })}
        onDropRest={() => change({ rest: [] })}
        onClear={() => change({ criteria: noCriteria, rest: [] })}
      >
        {!params.trash && can('MANAGER') && rule && <SaveSegment rule={rule} disabled={!stored} />}
      </CriteriaChips>
      <TakeAll selection={selection} loaded={pages.rows.length} total={pages.total} />
      {pages.error && pages.rows.length === 0 ? (
        <Problem error={pages.error} retry={reload} />
      ) : pages.fresh && pages.rows.length === 0 ? (
        <Loading lines={10} />
      ) : pages.rows.length === 0 ? (
        <NoContacts narrowed={narrowed} trash={params.trash} onAdd={add} onClear={clearAll} />
      ) : (
        <ContactTable
          label={title}
          rows={pages.rows}
          columns={columns}
          usual={listColumns}
          onColumns={setVisible}
          order={{ value: order, onChange: ({ by, direction }) => change({ by, direction }, true) }}
          {...(can('OPERATOR') && { selection: { ids: selection.ids, onChange: selection.change } })}
          {...(converting.offered && !params.trash && { beside: converting.button })}
          onNearEnd={pages.loadMore}
          stale={pages.fresh}
          {...(pickForSale && { menu: pickForSale })}
        />
      )}
      {pages.error && pages.rows.length > 0 && <Problem error={pages.error} retry={reload} />}
      <SelectionBar
        ids={selection.ids}
        all={selection.all && pages.total !== null ? { matching, count: pages.total } : undefined}
        trash={params.trash}
        onClear={clear}
        onDone={afterChange}
      />
      <ConvertDialog converting={converting} onDone={reload} />
      <QuickAdd kind={making === 'RELAY' ? null : making} onClose={() => setMaking(null)} onAdded={reload} />
      <NewRelay opened={making === 'RELAY'} onClose={() => setMaking(null)} onAdded={reload} />
    </Page>
  );
}

const same = (a: readonly string[] | undefined, b: readonly string[] | undefined) => (a ?? []).join() === (b ?? []).join();

/** A view keeps the kind apart. */
const withoutKind = (parts: readonly ContactFilter[]) => parts.filter((part) => part.kind === undefined);

function AddMenu({ only, onAdd }: { only: ContactKind | undefined; onAdd: (what: Making) => void }) {
  const { t } = useLocale();
  return (
    <Menu>
      <Menu.Target>
        <Button leftSection={<Plus size={16} aria-hidden />} rightSection={<ChevronDown size={14} aria-hidden />}>
          {t('contact.add.any')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {only !== 'ORGANIZATION' && (
          <Menu.Item leftSection={<UserPlus size={16} aria-hidden />} onClick={() => onAdd('PERSON')}>
            {t('contact.kind.PERSON')}
          </Menu.Item>
        )}
        {only !== 'PERSON' && (
          <Menu.Item leftSection={<Building2 size={16} aria-hidden />} onClick={() => onAdd('ORGANIZATION')}>
            {t('contact.kind.ORGANIZATION')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<Link2 size={16} aria-hidden />} onClick={() => onAdd('RELAY')}>
          {t('link.newRelay')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

interface NoContactsProps {
  narrowed: boolean;
  trash: boolean;
  onAdd: ((kind: ContactKind) => void) | undefined;
  onClear: () => void;
}

function NoContacts({ narrowed, trash, onAdd, onClear }: NoContactsProps) {
  const { t } = useLocale();
  if (narrowed) {
    return (
      <Empty
        icon={SearchX}
        title={t('contact.list.noneFound')}
        action={
          <Button variant="default" onClick={onClear}>
            {t('contactList.clearAll')}
          </Button>
        }
      >
        {t('contact.list.noneFoundText')}
      </Empty>
    );
  }
  if (trash) return <Empty icon={Trash2} title={t('contact.list.trashEmpty')} />;
  return (
    <Empty
      icon={Users}
      title={t('contact.list.empty')}
      action={
        onAdd && (
          <>
            <Button onClick={() => onAdd('PERSON')}>{t('contact.add.PERSON')}</Button>
            <Button component={Link} to="/import" variant="default">
              {t('nav.import')}
            </Button>
          </>
        )
      }
    >
      {t('contact.list.emptyText')}
    </Empty>
  );
}
