// Contrast as WCAG 2.2 defines it, and the two ways in which the widgets make colours of others. internal/site/contrast.go is its twin.

/** A colour, `#rrggbb` in small letters. */
export type Hex = string;
type Three = readonly [number, number, number];

/** Whether a text is a colour as themes hold it. */
export const isHex = (text: string): boolean => /^#[0-9a-f]{6}$/.test(text);

const map = (three: Three, to: (n: number, i: number) => number): Three => [to(three[0], 0), to(three[1], 1), to(three[2], 2)];

const linear = (color: Hex): Three =>
  map([1, 3, 5], (from) => {
    const channel = Number.parseInt(color.slice(from, from + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });

const hex = (light: Three): Hex =>
  `#${map(light, (n) => Math.min(1, Math.max(0, n)))
    .map((n) => Math.round(255 * (n <= 0.0031308 ? n * 12.92 : 1.055 * n ** (1 / 2.4) - 0.055)).toString(16).padStart(2, '0'))
    .join('')}`;

/** The contrast of two colours, 1 to 21. */
export function contrast(a: Hex, b: Hex): number {
  const [one, other] = [a, b].map((color) => {
    const [r, g, blue] = linear(color);
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue + 0.05;
  }) as [number, number];
  return Math.max(one, other) / Math.min(one, other);
}

/** A colour in Oklab, as CSS Color 4 has it: lightness, and two axes of hue. */
export function oklab(color: Hex): Three {
  const [r, g, b] = linear(color);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromOklab([light, a, b]: Three): Hex {
  const l = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (light - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return hex([
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]);
}

/** CSS's `color-mix(in oklab, a share, b)`; share from 0 to 1. */
export function mixed(a: Hex, b: Hex, share: number): Hex {
  const other = oklab(b);
  return fromOklab(map(oklab(a), (n, i) => n * share + (other[i] ?? 0) * (1 - share)));
}

/** CSS's `oklch(from color lightness c h)`; lightness from 0 to 1. */
export function lightened(color: Hex, lightness: number): Hex {
  const [, a, b] = oklab(color);
  return fromOklab([lightness, a, b]);
}
