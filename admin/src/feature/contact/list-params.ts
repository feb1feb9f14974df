import { useCallback, useMemo } from 'react';
import { useLocation, useSearchParams } from 'react-router';
import type { ContactFilter, ContactKind, ContactOrder, ContactOrderColumn, OrderDirection } from '@/gql/graphql';
import { noCriteria, readCriteria, writeCriteria, type Criteria } from './list/criteria';

/**
 * The views that every site has: who is listed, everyone, and who agreed to be contacted (G-31); members, buyers and organizers
 * (T-27, T-28); and who is no member (C-24). The list opens with all who are listed: nobody is left out by default (C-13).
 */
export const builtInViews = ['book', 'everyone', 'contactable', 'members', 'buyers', 'organizers', 'non_members'] as const;
export type BuiltInView = (typeof builtInViews)[number];

/** What narrows a view to its contacts. */
export const viewFilters = {
  contactable: { consent: { state: 'GIVEN' } },
  members: { status: 'SUBSCRIBER' },
  buyers: { status: 'CUSTOMER' },
  organizers: { status: 'ORGANIZER' },
  non_members: { not: { status: 'SUBSCRIBER' } },
} as const satisfies Partial<Record<BuiltInView, ContactFilter>>;

/** The filter of a view, if it has one. */
export const viewFilter = (view: string): ContactFilter | undefined => (view in viewFilters ? viewFilters[view as keyof typeof viewFilters] : undefined);

export const isBuiltIn = (view: string): view is BuiltInView => (builtInViews as readonly string[]).includes(view);

/** What the list is sorted by: a column of the API's, or one of the site's own indicators. */
export type ListOrder = Exclude<ContactOrderColumn, 'INDICATOR'> | `indicator:${string}`;

/** What a list is sorted by, and which way. */
export interface ListSorting {
  by: ListOrder;
  direction: OrderDirection;
}

/** The order as the API takes it. */
export function contactOrder({ by, direction }: ListSorting): ContactOrder {
  return isIndicator(by) ? { by: 'INDICATOR', indicatorId: by.slice('indicator:'.length), direction } : { by, direction };
}

const isIndicator = (by: string): by is `indicator:${string}` => by.startsWith('indicator:');

/** What the list shows, as its address says it. */
export interface ListParams {
  search: string;
  kind: ContactKind | '';
  by: ListOrder;
  direction: OrderDirection;
  /** A view that every site has, or the id of a saved one that this began with. */
  view: string;
  trash: boolean;
  /** Unlisted contacts too; a saved view's. */
  unlisted: boolean;
  criteria: Criteria;
  /** Parts of a saved rule that are no criteria. */
  rest: ContactFilter[];
  /** Columns other than the view's own. */
  columns: string[] | null;
}

export const plainList: ListParams = {
  search: '', kind: '', by: 'NAME', direction: 'ASC', view: 'book', trash: false, unlisted: false, criteria: noCriteria, rest: [], columns: null,
};

/** The columns the list can be sorted by, in the order they are offered. */
export const orderColumns: readonly Exclude<ContactOrderColumn, 'INDICATOR'>[] = [
  'NAME', 'FIRST_NAME', 'NUMBER', 'EMAIL', 'CITY', 'CREATED_AT', 'UPDATED_AT', 'SPENT', 'LAST_PURCHASE',
];

const kinds: readonly ContactKind[] = ['PERSON', 'ORGANIZATION'];
const oneOf = <T extends string>(list: readonly T[], value: string | null): T | undefined => list.find((item) => item === value);

const readOrder = (text: string): ListOrder => (isIndicator(text) ? text : (oneOf(orderColumns, text) ?? 'NAME'));

function readRest(text: string | null): ContactFilter[] {
  if (!text) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as ContactFilter[]) : [];
  } catch {
    return [];
  }
}

function read(query: URLSearchParams, iban: string): ListParams {
  return {
    search: query.get('q') ?? '',
    kind: oneOf(kinds, query.get('kind')) ?? '',
    by: readOrder(query.get('by') ?? ''),
    direction: query.get('dir') === 'DESC' ? 'DESC' : 'ASC',
    view: query.get('view') ?? 'book',
    trash: query.has('trash'),
    unlisted: query.has('unlisted'),
    criteria: readCriteria(query, iban),
    rest: readRest(query.get('rule')),
    columns: query.get('columns')?.split(',') ?? null,
  };
}

function write(params: ListParams): URLSearchParams {
  const query = new URLSearchParams({ view: params.view });
  if (params.search) query.set('q', params.search);
  if (params.kind) query.set('kind', params.kind);
  writeCriteria(params.criteria, query);
  if (params.rest.length > 0) query.set('rule', JSON.stringify(params.rest));
  if (params.by !== 'NAME') query.set('by', params.by);
  if (params.direction === 'DESC') query.set('dir', 'DESC');
  if (params.unlisted) query.set('unlisted', '');
  if (params.columns) query.set('columns', params.columns.join(','));
  if (params.trash) query.set('trash', '');
  return query;
}

/** The address of a list, by which lists can be compared. */
export const addressOf = (params: ListParams): string => write(params).toString();

/** Changes the list; `replace` leaves no step for the back button. */
export type ChangeList = (part: Partial<ListParams>, replace?: boolean) => void;

/** The list as its address has it. */
export interface ListAddress {
  params: ListParams;
  change: ChangeList;
  /** Whether the address says nothing, so that the list opens as its reader likes it. */
  silent: boolean;
}

const ibanOf = (state: unknown): string =>
  typeof state === 'object' && state !== null && 'iban' in state && typeof state.iban === 'string' ? state.iban : '';

/** Reads and changes the address: a link, the back button and a reload show the same list. */
export function useListParams(): ListAddress {
  const [query, setQuery] = useSearchParams();
  const iban = ibanOf(useLocation().state);
  const params = useMemo(() => read(query, iban), [query, iban]);
  const change = useCallback<ChangeList>(
    (part, replace = false) => {
      // The browser's address is ahead of what is drawn, so that two changes at once build upon each other.
      const history = window.history.state as { usr?: unknown } | null; // where the router keeps a step's state
      const next = { ...read(new URLSearchParams(window.location.search), ibanOf(history?.usr)), ...part };
      // Kept with the step in the browser's history, so that going back works, but in no address.
      setQuery(write(next), { replace, state: next.criteria.iban ? { iban: next.criteria.iban } : null });
    },
    [setQuery],
  );
  return { params, change, silent: query.size === 0 };
}

/** What of the list's arguments decides which contacts match, without their order. */
export interface Matching {
  search?: string;
  filter?: ContactFilter;
  segmentId?: string;
  includeUnlisted?: boolean;
  includeInvalid?: boolean;
  trash?: boolean;
}
