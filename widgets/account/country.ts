/** What the browser's list of regions has that is no country: unions, private use, nowhere. */
const none = new Set(['EU', 'EZ', 'UN', 'QO', 'XA', 'XB', 'ZZ']);

/** Every country by its ISO 3166-1 code with its name in a language, in the language's order. */
export function countries(language: string): [code: string, name: string][] {
  const names = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' });
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const all = letters.flatMap((a) => letters.map((b) => a + b)).flatMap((code): [string, string][] => {
    const name = names.of(code);
    // A code of yesterday stands for one of today.
    return name && !none.has(code) && Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}` ? [[code, name]] : [];
  });
  return all.sort(([, a], [, b]) => a.localeCompare(b, language));
}
