import { setNonce } from 'get-nonce';

/** The nonce under which this answer of the server allows style tags. */
export function styleNonce(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  return meta?.nonce ?? '';
}

/** Gives the nonce to the library under Mantine's dialogs, which writes a style tag of its own. */
export function shareNonce(): void {
  const nonce = styleNonce();
  if (nonce) setNonce(nonce);
}
