import type { Store } from './store';

/** The browser's key and what it signs. */
export interface Key {
  /** RFC 7638 thumbprint. */
  readonly jkt: string;
  /** A DPoP proof (RFC 9449 §4) for one POST; `token` is the access token sent along. */
  proof(url: string, nonce: string, token?: string): Promise<string>;
}

const bytes = (text: string) => new TextEncoder().encode(text);

/** Base64url without padding (RFC 4648 §5). */
export const base64url = (data: ArrayBuffer | Uint8Array): string =>
  btoa(String.fromCharCode(...new Uint8Array(data))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');

/** SHA-256 of a text, in base64url. */
export const digest = async (text: string): Promise<string> => base64url(await crypto.subtle.digest('SHA-256', bytes(text)));

/** 32 random bytes in base64url: 43 characters. */
export const random = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** Takes the browser's P-256 key out of the store, or makes one. It cannot be exported, only used here. */
export async function openKey(store: Store): Promise<Key> {
  let pair = await store.get<CryptoKeyPair>('key');
  if (!pair) {
    pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
    await store.set('key', pair);
  }
  const { privateKey, publicKey } = pair;
  const { crv, kty, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
  const jwk = { crv, kty, x, y }; // in the order that the thumbprint is taken of
  return {
    jkt: await digest(JSON.stringify(jwk)),
    async proof(htu, nonce, token) {
      const claims = {
        jti: random(), htm: 'POST', htu, iat: Math.floor(Date.now() / 1000),
        nonce: nonce || undefined, // what is undefined is left out of JSON
        ath: token && (await digest(token)),
      };
      const signed = [{ typ: 'dpop+jwt', alg: 'ES256', jwk }, claims].map((part) => base64url(bytes(JSON.stringify(part)))).join('.');
      const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, bytes(signed));
      return `${signed}.${base64url(signature)}`;
    },
  };
}
