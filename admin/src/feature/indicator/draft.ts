import type { CreateIndicatorInput, IndicatorFullFragment, IndicatorIcon, IndicatorMeasure, IndicatorPeriod, ProductKind } from '@/gql/graphql';

/** A band while its indicator is edited; one without an id is new. `from` is in the measure's unit, null while nothing is typed. */
export interface BandDraft {
  key: string;
  id?: string;
  label: string;
  from: number | null;
}

/** Something that is named by its id, and what it is called. */
export interface Named {
  id: string;
  name: string;
}

/** An indicator while it is edited. */
export interface IndicatorDraft {
  name: string;
  icon: IndicatorIcon;
  measure: IndicatorMeasure;
  products: Named[];
  events: Named[];
  kinds: ProductKind[];
  channels: string[];
  period: IndicatorPeriod;
  days: number | '';
  startMonth: number;
  startDay: number | '';
  bands: BandDraft[];
}

export const measures: readonly IndicatorMeasure[] = ['ORDERS', 'TICKETS', 'SPENT', 'VISITS', 'DAYS_SINCE_PURCHASE'];
export const periods: readonly IndicatorPeriod[] = ['ALL_TIME', 'LAST_DAYS', 'YEAR'];
const kinds: readonly ProductKind[] = ['TICKET', 'PASS', 'MEMBERSHIP', 'RESOURCE'];

/** The kinds of product that a measure counts; where there is one only there is nothing to choose. */
export const kindsOf = (measure: IndicatorMeasure): readonly ProductKind[] =>
  measure === 'TICKETS' ? ['TICKET'] : measure === 'VISITS' ? ['TICKET', 'RESOURCE'] : kinds;

/** A ticket type is known by its event. */
export const productName = ({ name, event }: { name: string; event: { name: string } | null }): string => (event ? `${event.name}, ${name}` : name);

export const draftOf = (one: IndicatorFullFragment | null): IndicatorDraft => ({
  name: one?.name ?? '',
  icon: one?.icon ?? 'CHART',
  measure: one?.measure ?? 'ORDERS',
  products: (one?.products ?? []).map((product) => ({ id: product.id, name: productName(product) })),
  events: (one?.events ?? []).map(({ id, name }) => ({ id, name })),
  kinds: [...(one?.kinds ?? [])],
  channels: [...(one?.channels ?? [])],
  period: one?.period ?? 'ALL_TIME',
  days: one?.days ?? 365,
  startMonth: one?.startMonth ?? 9,
  startDay: one?.startDay ?? 1,
  bands: (one?.bands ?? []).map(({ id, label, from }) => ({ key: id, id, label, from })),
});

const idsOf = (list: readonly Named[]): string[] => list.map(({ id }) => id);

/** What is sent. What belongs to another period, and kinds that the measure does not count, stay behind. */
export function inputOf({ products, events, kinds: chosen, bands, period, days, startMonth, startDay, ...draft }: IndicatorDraft): CreateIndicatorInput {
  return {
    ...draft,
    productIds: idsOf(products),
    eventIds: idsOf(events),
    kinds: chosen.filter((kind) => kindsOf(draft.measure).includes(kind)),
    period,
    ...(period === 'LAST_DAYS' && { days: days === '' ? null : days }),
    ...(period === 'YEAR' && { startMonth, startDay: startDay === '' ? null : startDay }),
    bands: bands.map(({ id, label, from }) => ({ ...(id && { id }), label, from: from ?? 0 })),
  };
}
