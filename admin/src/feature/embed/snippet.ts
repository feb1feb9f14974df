import type { SiteCoreFragment } from '@/gql/graphql';
import type { Scheme } from './theme';

/** The widgets a page can place. */
export const widgets = ['login', 'registration', 'checkout', 'account', 'preferences'] as const;

/** One of the widgets. */
export type Widget = (typeof widgets)[number];

const attribute = (text: string) => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;');

/** The line that loads Carnet on a page of this site. */
export const loaderSnippet = ({ serverUrl, publicId }: SiteCoreFragment): string =>
  `<script type="module" src="${attribute(serverUrl.replace(/\/$/, ''))}/widgets/v1/carnet.js" data-site="${attribute(publicId)}"></script>`;

/** The element that places a widget. The host's server writes the order and its nonce. */
export const widgetSnippet: Record<Widget, string> = {
  login: '<carnet-login></carnet-login>',
  registration: '<carnet-registration></carnet-registration>',
  checkout: '<carnet-checkout order="ORDER-REFERENCE" nonce="SESSION-NONCE"></carnet-checkout>',
  account: '<carnet-account></carnet-account>',
  preferences: '<carnet-preferences></carnet-preferences>',
};

/** The element that places a widget of another vendor. */
export const thirdPartySnippet = (tag: string): string => `<${tag}></${tag}>`;

/** What a page's policy needs so that these pages may stand in frames. */
export const frameSources = (pages: readonly string[]): string => `frame-src ${[...new Set(pages.map((page) => new URL(page).origin))].join(' ')}`;

/** The page on which the server shows a widget by itself; on this origin, so that it may stand in a frame here. */
export const previewAddress = (publicId: string, widget: Widget, language: string, scheme: Scheme): string =>
  `/widgets/v1/preview?${new URLSearchParams({ site: publicId, widget, lang: language, theme: scheme }).toString()}`;
