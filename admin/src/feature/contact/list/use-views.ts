import { useCallback, useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import {
  ContactListSettingDocument,
  SaveContactListSettingDocument,
  SavedViewsDocument,
  type ContactKind,
  type ContactListName,
  type ContactListView,
  type SaveContactListSettingInput,
  type ViewFullFragment,
} from '@/gql/graphql';
import { isBuiltIn, plainList, type BuiltInView, type ListParams } from '../list-params';
import { readRule, type FieldTypes } from './criteria';

/** The views of a list, and how its reader likes it. */
export interface Views {
  /** Whether it is known how the list opens. */
  ready: boolean;
  saved: ViewFullFragment[];
  /** The view that the list opens with: a built-in one or a saved one's id. */
  start: string;
  /** The columns of the built-in views; undefined for the list's own. */
  columns: string[] | undefined;
  /** Keeps a choice; true once the server has it. What failed has been told then. */
  remember: (part: Omit<SaveContactListSettingInput, 'list'>) => Promise<boolean>;
  reload: () => void;
}

/** Reads the saved views that a list shows: on a list of one kind those of that kind. */
export function useViews(list: ContactListName, kind: ContactKind | undefined): Views {
  const [{ data, error }, reload] = useQuery({ query: SavedViewsDocument });
  const [{ data: own, error: failed }] = useQuery({ query: ContactListSettingDocument, variables: { list } });
  const { send: keep } = useSend(SaveContactListSettingDocument);
  const ok = useTellErrors();
  // What was chosen counts at once; the server hears of it meanwhile.
  const [chosen, choose] = useState<SaveContactListSettingInput>({ list });
  const remember = useCallback(
    async (part: Omit<SaveContactListSettingInput, 'list'>) => {
      choose((before) => ({ ...(before.list === list && before), ...part, list }));
      return ok(await keep({ input: { list, ...part } }));
    },
    [keep, ok, list],
  );
  const setting = useMemo(() => {
    const told = own?.contactListSetting;
    const { builtIn, savedViewId, columns }: Partial<SaveContactListSettingInput> = chosen.list === list ? chosen : {};
    return (
      told && {
        builtIn: builtIn ?? told.builtIn,
        savedViewId: savedViewId === undefined ? told.savedViewId : savedViewId,
        columns: columns === undefined ? told.columns : (columns ?? []),
      }
    );
  }, [own, chosen, list]);
  const refresh = useCallback(() => reload({ requestPolicy: 'network-only' }), [reload]);
  return useMemo(() => {
    const saved = (data?.savedViews ?? []).filter((view) => kind === undefined || view.kind === kind);
    const start = saved.find((view) => view.id === setting?.savedViewId)?.id ?? builtInOf(setting?.builtIn);
    return {
      // A list that cannot say how it opens opens plainly.
      ready: (data !== undefined || error !== undefined) && (setting !== undefined || failed !== undefined),
      saved,
      start,
      columns: setting && setting.columns.length > 0 ? setting.columns : undefined,
      remember,
      reload: refresh,
    };
  }, [data, error, failed, setting, kind, remember, refresh]);
}

const builtInOf = (view: ContactListView | undefined): BuiltInView => {
  const name = (view ?? 'BOOK').toLowerCase();
  return isBuiltIn(name) ? name : 'book';
};

/** A built-in view as the API names it. */
export const builtInName = (view: BuiltInView): ContactListView => view.toUpperCase() as ContactListView;

/** The list as a saved view has it. */
export function paramsOf(view: ViewFullFragment, types: FieldTypes): ListParams {
  const { criteria, rest } = view.filter ? readRule(view.filter, types) : { criteria: plainList.criteria, rest: [] };
  return {
    ...plainList,
    view: view.id,
    kind: view.kind ?? '',
    search: view.search,
    by: view.orderBy !== 'INDICATOR' ? view.orderBy : view.orderIndicatorId ? `indicator:${view.orderIndicatorId}` : 'NAME',
    direction: view.direction,
    unlisted: view.includeUnlisted,
    criteria: { ...criteria, invalid: view.includeInvalid ? '1' : '' },
    rest,
  };
}
