import type { LoginProviderKind } from '@/gql/graphql';

/** A kind of login provider: its own name, and where it gives credentials. Names of companies are the same in all languages. */
export interface Kind {
  kind: Exclude<LoginProviderKind, 'OIDC'>;
  brand: string;
  console: string;
}

/** The kinds whose addresses are known; any other provider is OIDC. */
export const kinds: readonly Kind[] = [
  { kind: 'GOOGLE', brand: 'Google', console: 'https://console.cloud.google.com/apis/credentials' },
  { kind: 'MICROSOFT', brand: 'Microsoft', console: 'https://entra.microsoft.com/' },
  { kind: 'APPLE', brand: 'Apple', console: 'https://developer.apple.com/account/resources/identifiers/list/serviceId' },
  { kind: 'FACEBOOK', brand: 'Facebook', console: 'https://developers.facebook.com/apps/' },
  { kind: 'GITHUB', brand: 'GitHub', console: 'https://github.com/settings/developers' },
  { kind: 'LINKEDIN', brand: 'LinkedIn', console: 'https://www.linkedin.com/developers/apps' },
];

export const kindOf = (kind: LoginProviderKind): Kind | undefined => kinds.find((one) => one.kind === kind);
