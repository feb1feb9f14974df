import { describe, expect, it } from 'vitest';
import en from './en.json';
import fr from './fr.json';
import nb from './nb.json';
import { fill, type Texts } from './text';

type Node = string | { [key: string]: Node };

// Also a check of types: a missing key does not compile.
const others: Record<string, Texts> = { fr, nb };

function leaves(node: Node, path = ''): Map<string, string> {
  if (typeof node === 'string') return new Map([[path, node]]);
  return new Map(
    Object.entries(node).flatMap(([key, below]) => [...leaves(below, path ? `${path}.${key}` : key)]),
  );
}

const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

describe.each(Object.entries(others))('%s', (_, texts) => {
  const english = leaves(en);
  const other = leaves(texts);

  it('has the same keys as English', () => {
    expect([...other.keys()]).toEqual([...english.keys()]);
  });

  it('has no empty text', () => {
    expect([...other].filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it('has the same places in every text', () => {
    for (const [key, text] of other) expect([key, places(text)]).toEqual([key, places(english.get(key) ?? '')]);
  });
});

describe('fill', () => {
  it('writes numbers as the language does', () => {
    expect(fill('{n}', { n: 1234567 }, 'en')).toBe('1,234,567');
  });
  it('shows a place that has no value', () => {
    expect(fill('{who} left', {}, 'en')).toBe('{who} left');
  });
});
