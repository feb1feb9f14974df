import type { Account } from '../account/element';
import { button, h } from '../kit/dom';

/** What a list needs: the account, and the words for more of it. */
interface Listing {
  readonly account: Account;
  readonly own: (key: 'more') => string;
}

/** A page of something, as the API gives it. */
export interface Paged<T> {
  readonly nodes: T[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Shows a list page by page: what is there, and a way to more. Nobody's, when nobody is signed in any more. */
export async function paged<T>({ account, own }: Listing, show: (...content: Node[]) => void, load: (after: string | null) => Promise<Paged<T> | undefined>, render: (rows: readonly T[]) => Node[]): Promise<void> {
  const rows: T[] = [];
  const box = h('div.stack', { tabindex: -1 });
  const next = async (after: string | null) => {
    const page = await load(after);
    rows.push(...(page?.nodes ?? []));
    const more = page?.pageInfo.hasNextPage && button('link', own('more'), () => void next(page.pageInfo.endCursor).then(
      () => box.focus(),
      () => box.append(h('p.alert', { role: 'alert' }, account.t('error.UNEXPECTED'))),
    ));
    box.replaceChildren(...render(rows), ...(more ? [more] : []));
  };
  await next(null);
  show(box);
}

/** A row: what it is, what is said of it, and what can be done with it. */
export function item(title: string, lines: readonly (string | false)[], ...more: (Node | false)[]): HTMLLIElement {
  return h('li.item', {}, h('div', {}, h('strong', {}, title), ...lines.map((line) => !!line && h('span.help', {}, line))), ...more);
}

/** A list of rows under a title of its own, if there are any. */
export const rows = (title: string, items: readonly Node[]): Node[] => (items.length ? [h('section.part', {}, h('h3.title', {}, title), h('ul.rows', {}, ...items))] : []);

/** What is over, folded. */
export const folded = (title: string, items: readonly Node[]): Node[] => (items.length ? [h('details.past', {}, h('summary.fold', {}, `${title} (${items.length})`), h('ul.rows', {}, ...items))] : []);

/** Says kindly that there is nothing here yet. */
export const nothing = (text: string): Node[] => [h('p.value', {}, text)];
