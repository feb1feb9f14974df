import type en from './en.json';
import type { Language } from './language';

/** All texts of a language, in the shape of the English file. */
export type Texts = typeof en;

type Leaf<T> = {
  [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaf<T[K]>}`;
}[keyof T & string];

/** The path of a text, for example `contact.list.title`. */
export type Key = Leaf<Texts>;

/** The path of a text with plural forms, without the form. */
export type PluralKey = Key extends infer K ? (K extends `${infer Base}.other` ? Base : never) : never;

/** Values for the `{name}` places of a text. */
export type Values = Record<string, string | number>;

type Node = string | { [key: string]: Node };

/** Finds the text at a path; undefined when there is none. */
export function find(texts: Node, path: string): string | undefined {
  let node: Node | undefined = texts;
  for (const step of path.split('.')) {
    if (node === undefined || typeof node === 'string') return undefined;
    node = node[step];
  }
  return typeof node === 'string' ? node : undefined;
}

/** The names at a path that have texts. */
export function namesAt(texts: Node, path: string): string[] {
  let node: Node | undefined = texts;
  for (const step of path.split('.')) node = typeof node === 'object' ? node[step] : undefined;
  return typeof node === 'object' ? Object.keys(node) : [];
}

/** Puts values into a text's places. A place without a value stays as it is, so that it is seen. */
export function fill(text: string, values: Values | undefined, language: Language): string {
  if (!values) return text;
  return text.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    if (value === undefined) return place;
    return typeof value === 'number' ? value.toLocaleString(language) : value;
  });
}
