import { buildSchema } from 'graphql';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import en from '@/locale/en.json';
import fr from '@/locale/fr.json';
import nb from '@/locale/nb.json';

const mutations = Object.keys(buildSchema(readFileSync(new URL('../../../../schema.graphqls', import.meta.url), 'utf8')).getMutationType()?.getFields() ?? {});

// The log holds each mutation, also one that staff may not call: it was refused then. The others are of internal/audit/audit.go.
const actions = [...mutations, 'signIn', 'signInFailed', 'signOut', 'download'];

describe.each(Object.entries({ en, fr, nb }))('the audit log in %s', (_, texts) => {
  const words: Record<string, string> = texts.privacy.deed;

  it('has words for every mutation', () => {
    expect(mutations.length).toBeGreaterThan(100);
    expect(actions.filter((name) => !words[name]?.trim())).toEqual([]);
  });

  it('says of no two the same', () => {
    const all = Object.values(words);
    expect(all.filter((text, at) => all.indexOf(text) !== at)).toEqual([]);
  });
});
