import { base64url } from '../core/proof';
import type { Core } from '../core/types';
import type { UserError } from '../kit/form';
import { addMyPasskey, signInWithPasskey, startMyPasskey, startPasskeySignIn } from '../operations';

/** Whether this browser has passkeys at all. */
export const known = (): boolean => 'PublicKeyCredential' in window;

const bytes = (text: string) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));

type Described = readonly PublicKeyCredentialDescriptorJSON[] | undefined;
const described = (list: Described = []) => list.map(({ id, ...rest }) => ({ ...rest, id: bytes(id) }) as PublicKeyCredentialDescriptor);

/** What every answer has (Web Authentication Level 3 §5.1.8). Browsers that lack `toJSON` are still about. */
const answered = ({ id, rawId, type }: PublicKeyCredential, response: object) => ({ id, rawId: base64url(rawId), type, clientExtensionResults: {}, response });

/** What went wrong in the browser, as a code with a text. */
function refused({ name }: Error): never {
  const code = { NotAllowedError: 'PASSKEY_CANCELLED', InvalidStateError: 'PASSKEY_KNOWN', SecurityError: 'PASSKEYS_OFF' }[name] ?? 'UNEXPECTED';
  throw Object.assign(new Error(name), { code, status: 0 });
}

/** Makes a passkey for whoever is signed in; gives what is to be mended. Call it within a click. Rejects with a `Problem`. */
export async function make(core: Core, name: string): Promise<readonly UserError[]> {
  waiting?.abort();
  const { payload } = await core.graphql(startMyPasskey, {});
  const asked = payload.options as PublicKeyCredentialCreationOptionsJSON | null;
  if (!asked) return payload.errors;
  const publicKey = {
    ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) }, excludeCredentials: described(asked.excludeCredentials),
  } as object as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey }).catch(refused)) as PublicKeyCredential;
  const { clientDataJSON, attestationObject, getTransports } = made.response as AuthenticatorAttestationResponse;
  const response = answered(made, {
    clientDataJSON: base64url(clientDataJSON), attestationObject: base64url(attestationObject), transports: getTransports?.call(made.response) ?? [],
  });
  return (await core.graphql(addMyPasskey, { input: { name, response } })).payload.errors;
}

/** What the browser offers quietly: it has one request at a time, which another one takes the place of. */
let waiting: AbortController | undefined;

/** When the browser offers passkeys with a new challenge, in milliseconds: before the last one ends, which is five minutes. */
const renewed = 240_000;

/**
 * Lets the browser offer passkeys where an address is typed (conditional mediation, Web Authentication Level 3 §5.1.4), until somebody has
 * signed in. Gives what is to be mended when one was taken up and is no good; nothing when none was.
 */
export async function offer(core: Core, from: EventTarget): Promise<readonly UserError[]> {
  if (waiting || !known() || !(await PublicKeyCredential.isConditionalMediationAvailable?.()) || core.me) return [];
  const here = (waiting = new AbortController());
  const late = setTimeout(() => here.abort(), renewed);
  const stop = core.watch(() => core.me && here.abort());
  try {
    return await signIn(core, from, here.signal);
  } catch {
    return []; // nobody asked for anything
  } finally {
    clearTimeout(late);
    stop();
    if (waiting === here) waiting = undefined;
  }
}

/**
 * Signs in by a passkey, which knows whose it is; gives what is to be mended. Call it within a click, or, `quietly`, to have the browser offer
 * passkeys where an address is filled in. Rejects with a `Problem`.
 */
export async function signIn(core: Core, from: EventTarget, quietly?: AbortSignal): Promise<readonly UserError[]> {
  if (!quietly) waiting?.abort();
  const attempt = await core.attempt();
  const { payload } = await core.graphql(startPasskeySignIn, { input: { attempt } });
  const asked = payload.options as PublicKeyCredentialRequestOptionsJSON | null;
  if (!asked) return quietly ? [] : payload.errors;
  const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials: described(asked.allowCredentials) } as object as PublicKeyCredentialRequestOptions;
  const got = (await navigator.credentials.get({ publicKey, ...(quietly && { mediation: 'conditional', signal: quietly }) }).catch(refused)) as PublicKeyCredential;
  const { clientDataJSON, authenticatorData, signature, userHandle } = got.response as AuthenticatorAssertionResponse;
  const response = answered(got, {
    clientDataJSON: base64url(clientDataJSON), authenticatorData: base64url(authenticatorData), signature: base64url(signature), ...(userHandle && { userHandle: base64url(userHandle) }),
  });
  const signed = (await core.graphql(signInWithPasskey, { input: { attempt, response } })).payload;
  if (signed.code) await core.finish(attempt.id, signed.code, from);
  return signed.errors;
}
