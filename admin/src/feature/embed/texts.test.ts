import { expect, it } from 'vitest';
import { inputOf, linksOf, rowsOf, textsOf } from './texts';

const site = {
  id: 's',
  widgetTexts: [{ language: 'fr', name: 'login.title', text: 'Entrez' }],
  legalLinks: [
    { language: 'en', label: 'Privacy', url: 'https://a.example/' },
    { language: 'fr', label: 'Conditions', url: 'https://a.example/fr' },
  ],
};

it('what was read is what would be sent', () => {
  expect(inputOf(textsOf(site as never))).toEqual({ widgetTexts: site.widgetTexts, legalLinks: site.legalLinks });
});

it('there is a place for one more link, four in all, and empty ones are not sent', () => {
  const texts = textsOf(site as never);
  expect(rowsOf(texts, 'en')).toEqual([{ label: 'Privacy', url: 'https://a.example/' }, { label: '', url: '' }]);
  const full = { ...texts, links: { ...texts.links, en: [...texts.links.en, { label: ' ', url: '' }, { label: 'Terms', url: '' }, { label: '', url: ' x ' }] } };
  expect(rowsOf(full, 'en')).toHaveLength(4);
  expect(linksOf(full).map(({ language, row, label, url }) => [language, row, label, url])).toEqual([
    ['en', 0, 'Privacy', 'https://a.example/'],
    ['en', 2, 'Terms', ''],
    ['en', 3, '', 'x'],
    ['fr', 0, 'Conditions', 'https://a.example/fr'],
  ]);
});
