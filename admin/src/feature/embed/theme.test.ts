import { describe, expect, it } from 'vitest';
import cases from '../../../../internal/site/testdata/theme.json';
import { contrast, isHex, lightened, mixed } from './contrast';
import { colorOf, colors, lows, schemes, type Theme } from './theme';

const accent = '#155e6b';
const themeOf = (list: { name: string; value?: string; dark?: string }[]): Theme =>
  Object.fromEntries(list.map(({ name, value, dark }) => [name, { ...(value && { light: value }), ...(dark && { dark }) }]));

it('computes as browsers and the server do', () => {
  for (const [a, b, ratio] of cases.contrast as [string, string, number][]) {
    expect([a, b, Math.floor(contrast(a, b) * 100) / 100]).toEqual([a, b, ratio]);
    expect(contrast(b, a)).toBe(contrast(a, b));
  }
  for (const [a, b, share, is] of cases.mixed as [string, string, number, string][]) expect(mixed(a, b, share)).toBe(is);
  for (const [color, lightness, is] of cases.lightened as [string, number, string][]) expect(lightened(color, lightness)).toBe(is);
});

it('has the colours of the widgets', () => {
  expect(Object.keys(cases.own).sort()).toEqual([...colors].sort());
  for (const name of colors) expect([name, schemes.map((scheme) => colorOf({}, name, scheme, accent))]).toEqual([name, cases.own[name]]);
});

describe.each(cases.themes)('$theme', ({ theme, low, stuck = [] }) => {
  it('has the pairs that the server refuses, and colours to take instead', () => {
    const found = lows(themeOf(theme), accent);
    expect(found.map(({ scheme, of, on, ratio }) => `${scheme} ${of}/${on} ${ratio}`)).toEqual(low);
    expect(found.filter(({ instead }) => instead === null).map(({ of }) => of)).toEqual(stuck);
    for (const { of, scheme, instead } of found) {
      if (instead === null) continue;
      expect(isHex(instead)).toBe(true);
      const mended = themeOf(theme);
      mended[of] = { ...mended[of], [scheme]: instead };
      expect(lows(mended, accent).filter((still) => still.of === of && still.scheme === scheme)).toEqual([]);
    }
  });
});
