import { contrast, lightened, mixed, oklab, type Hex } from './contrast';

/** Light or dark: a colour has a value for either. */
export type Scheme = 'light' | 'dark';
export const schemes: readonly Scheme[] = ['light', 'dark'];

/** The colours of a theme: properties of the widgets without `--carnet-`. */
export const colors = ['accent', 'on-accent', 'link', 'surface', 'text', 'muted', 'border', 'error', 'field-background', 'field-border', 'field-text'] as const;
export type Color = (typeof colors)[number];

/** The other properties, each with what the widgets have by themselves. */
export const shapes = {
  font: '', 'font-size': '16px', 'heading-size': '1.45em', 'heading-weight': '680', 'button-weight': '620', radius: '1em', 'field-radius': '.6em',
  'button-radius': '.6em', 'control-height': '2.875em', gap: '1.1em', padding: '2em', 'max-width': '27em',
} as const;
export type Shape = keyof typeof shapes;

/** What a site has set; an absent value is the widgets' own. */
export type Theme = Partial<Record<Color, Partial<Record<Scheme, Hex>>>>;

type Of = (name: Color) => Hex;
const fixed = (light: Hex, dark: Hex) => (_: Of, scheme: Scheme) => (scheme === 'light' ? light : dark);

/** The widgets' own colours (widgets/kit/styles.css), of which some depend on others. internal/site/theme.go is the twin of what follows. */
const own: Record<Exclude<Color, 'accent'>, (of: Of, scheme: Scheme) => Hex> = {
  'on-accent': fixed('#ffffff', '#ffffff'),
  link: (of, scheme) => (scheme === 'light' ? of('accent') : lightened(of('accent'), 0.8)),
  surface: fixed('#ffffff', '#181a1f'),
  text: fixed('#16181d', '#eceef2'),
  muted: fixed('#5a606c', '#a3a9b5'),
  border: fixed('#e3e6eb', '#2e323a'),
  error: fixed('#b3261e', '#ffb4ab'),
  'field-background': fixed('#ffffff', '#101216'),
  'field-border': fixed('#868d9a', '#6d7480'),
  'field-text': (of) => of('text'),
};

/** The colour that a property has, set or not. `accent` is the site's colour. */
export function colorOf(theme: Theme, name: Color, scheme: Scheme, accent: Hex): Hex {
  const set = theme[name];
  if (set?.[scheme]) return set[scheme];
  if (name === 'accent') return set?.light || accent;
  return own[name]((other) => colorOf(theme, other, scheme, accent), scheme);
}

interface Pair {
  of: Color;
  on: Color | 'alert' | 'notice';
  /** The least contrast: WCAG 2.2, 1.4.3 for texts, 1.4.11 for borders. */
  least: number;
  ground: (of: Of) => Hex;
}

const pair = (of: Color, on: Color, least = 4.5): Pair => ({ of, on, least, ground: (color) => color(on) });
const pairs: readonly Pair[] = [
  pair('text', 'surface'),
  pair('muted', 'surface'),
  pair('link', 'surface'),
  pair('error', 'surface'),
  pair('on-accent', 'accent'),
  pair('field-text', 'field-background'),
  pair('link', 'field-background'),
  pair('field-border', 'field-background', 3),
  { of: 'error', on: 'alert', least: 4.5, ground: (of) => mixed(of('error'), of('surface'), 0.09) },
  { of: 'text', on: 'notice', least: 4.5, ground: (of) => mixed(of('link'), of('surface'), 0.12) },
];

/** A pair of colours that cannot be read. */
export interface Low {
  scheme: Scheme;
  of: Color;
  on: Pair['on'];
  least: number;
  /** Rounded down to hundredths. */
  ratio: number;
  /** The nearest colour for `of` that can be read on all it stands on; null when there is none. */
  instead: Hex | null;
}

const ratioOf = (theme: Theme, { of, ground }: Pair, scheme: Scheme, accent: Hex): number => {
  const color: Of = (name) => colorOf(theme, name, scheme, accent);
  return contrast(color(of), ground(color));
};

/** The pairs that cannot be read, the light's first. */
export function lows(theme: Theme, accent: Hex): Low[] {
  return schemes.flatMap((scheme) =>
    pairs.flatMap((one) => {
      const ratio = ratioOf(theme, one, scheme, accent);
      if (ratio >= one.least) return [];
      const { of, on, least } = one;
      return [{ scheme, of, on, least, ratio: Math.floor(ratio * 100) / 100, instead: nearest(theme, of, scheme, accent) }];
    }),
  );
}

/** The same hue, lighter or darker by as little as it takes. */
function nearest(theme: Theme, name: Color, scheme: Scheme, accent: Hex): Hex | null {
  const now = colorOf(theme, name, scheme, accent);
  const [lightness] = oklab(now);
  const mine = pairs.filter(({ of }) => of === name);
  for (let step = 1; step <= 100; step++) {
    for (const next of [lightness - step / 100, lightness + step / 100]) {
      if (next < 0 || next > 1) continue;
      const color = lightened(now, next);
      const changed = { ...theme, [name]: { ...theme[name], [scheme]: color } };
      if (mine.every((one) => ratioOf(changed, one, scheme, accent) >= one.least)) return color;
    }
  }
  return null;
}
