import type { SiteThemeFragment } from '@/gql/graphql';
import { isHex, type Hex } from './contrast';
import { colorOf, colors, shapes, type Color, type Scheme, type Shape, type Theme } from './theme';

/** The editor's values, each as typed; empty is the widgets' own. */
export interface Look {
  colors: Record<Color, Record<Scheme, string>>;
  shapes: Record<Shape, string>;
}

const shapeNames = Object.keys(shapes) as Shape[];
const record = <K extends string, V>(keys: readonly K[], value: (key: K) => V) => Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, V>;

export const lookOf = ({ theme }: SiteThemeFragment): Look => {
  const found = (name: string) => theme.find((one) => one.name === name);
  return {
    colors: record(colors, (name) => ({ light: found(name)?.value ?? '', dark: found(name)?.dark ?? '' })),
    shapes: record(shapeNames, (name) => found(name)?.value ?? ''),
  };
};

const tidy = (text: string) => text.trim().toLowerCase();

/** What is sent to be kept: the properties that are set. */
export const inputOf = (look: Look): { name: string; value: string; dark: string }[] => [
  ...colors.map((name) => ({ name, value: tidy(look.colors[name].light), dark: tidy(look.colors[name].dark) })),
  ...shapeNames.map((name) => ({ name, value: look.shapes[name].trim(), dark: '' })),
].filter(({ value, dark }) => value || dark);

/** The colours among what is typed. */
export const themeOf = (look: Look): Theme =>
  Object.fromEntries(
    colors.map((name) => {
      const { light, dark } = look.colors[name];
      return [name, { ...(isHex(tidy(light)) && { light: tidy(light) }), ...(isHex(tidy(dark)) && { dark: tidy(dark) }) }];
    }),
  );

const generic = ['serif', 'sans-serif', 'monospace', 'cursive', 'fantasy', 'system-ui'];
const quoted = (families: string) => families.split(',').map((name) => (generic.includes(name.trim()) ? name.trim() : JSON.stringify(name.trim()))).join(',');

/** Every property that a theme may set, as a page sets it; null where the widgets' own holds. */
export function propertiesOf(look: Look, accent: Hex): Record<string, string | null> {
  const theme = themeOf(look);
  const out: Record<string, string | null> = {};
  for (const name of colors) {
    const set = theme[name]?.light || theme[name]?.dark;
    out[`--carnet-${name}`] = set ? `light-dark(${colorOf(theme, name, 'light', accent)}, ${colorOf(theme, name, 'dark', accent)})` : null;
  }
  for (const name of shapeNames) {
    const value = look.shapes[name].trim();
    out[`--carnet-${name}`] = value ? (name === 'font' ? quoted(value) : value) : null;
  }
  return out;
}
