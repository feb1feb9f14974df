import type { Locale } from '@/locale/locale';
import type { Key } from '@/locale/text';

/** The fixed palette of contacts, groups, segments and labels (G-03): told apart in light, dark and print. */
export const palette: readonly [string, Key][] = [
  ['#d9564a', 'color.red'],
  ['#e07b2f', 'color.orange'],
  ['#d6a419', 'color.yellow'],
  ['#5f9e3f', 'color.green'],
  ['#1f8f7a', 'color.teal'],
  ['#2f86c9', 'color.blue'],
  ['#5965d1', 'color.indigo'],
  ['#9257c2', 'color.purple'],
  ['#cc4f91', 'color.pink'],
  ['#7c7366', 'color.grey'],
];

/** What a colour is called; one from elsewhere by its code. */
export function colorName(color: string, { t }: Pick<Locale, 't'>): string {
  const named = palette.find(([one]) => one === color.toLowerCase());
  return named ? t(named[1]) : color;
}
