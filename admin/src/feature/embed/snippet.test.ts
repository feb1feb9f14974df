import { expect, it } from 'vitest';
import { loaderSnippet, previewAddress } from './snippet';

const site = {
  id: 's', publicId: 'demo', name: 'Demo', timeZone: 'Europe/Oslo', language: 'nb', country: 'NO', currency: 'NOK', contactManagement: true,
  quickFormRequired: [],
  serverUrl: 'https://carnet.example/',
};

it('loads from the public address, with the site', () => {
  expect(loaderSnippet(site)).toBe('<script type="module" src="https://carnet.example/widgets/v1/carnet.js" data-site="demo"></script>');
});

it('previews on our own origin', () => {
  expect(previewAddress('demo', 'login', 'fr', 'dark')).toBe('/widgets/v1/preview?site=demo&widget=login&lang=fr&theme=dark');
});
