// How a member of staff signs in: endpoints of their own, since what they answer is secret and must be kept nowhere.
import { call, isObject, str } from './rest';

/** A secret for an app, shown once. */
export interface Offer {
  /** For typing, in base32. */
  secret: string;
  /** What apps open by themselves: otpauth://. */
  uri: string;
  /** The same as a QR code: an SVG path over `size` by `size` squares. */
  qr: { size: number; path: string };
}

/** What a person shows again before changing how they sign in: either one. */
export type Proof = { password: string } | { code: string };

function offerOf(answer: unknown): Offer {
  const from = isObject(answer) ? answer : {};
  const qr = isObject(from['qr']) ? from['qr'] : {};
  return { secret: str(from['secret']), uri: str(from['uri']), qr: { size: Number(qr['size']), path: str(qr['path']) } };
}

function codesOf(answer: unknown): string[] {
  const codes = isObject(answer) ? answer['recoveryCodes'] : null;
  return Array.isArray(codes) ? codes.map(str) : [];
}

/** Takes the code, or a recovery code, of a sign-in that waits for it. Throws a RestError, as do all here. */
export async function finishSignIn(code: string): Promise<void> {
  await call('POST', '/v1/staff/session/second', { code });
}

/** The two ways to set a second step up: at the sign-in, where one is needed first, and later. */
export const atSignIn = {
  offer: async () => offerOf(await call('POST', '/v1/staff/session/enrolment', {})),
  /** Takes the first code, signs in, and gives the recovery codes. */
  confirm: async (code: string) => codesOf(await call('POST', '/v1/staff/session/enrolment/confirm', { code })),
};

export const signedIn = {
  offer: async (proof: Proof) => offerOf(await call('POST', '/v1/staff/second-step', proof)),
  /** Takes the first code and gives the recovery codes. */
  confirm: async (code: string) => codesOf(await call('POST', '/v1/staff/second-step/confirm', { code })),
};

/** Removes one's own second step. */
export async function removeOwnSecondStep(proof: Proof): Promise<void> {
  await call('POST', '/v1/staff/second-step/remove', proof);
}

/** Gives new recovery codes; those before end. */
export async function newRecoveryCodes(proof: Proof): Promise<string[]> {
  return codesOf(await call('POST', '/v1/staff/recovery-codes', proof));
}

/** Changes one's own password. */
export async function changePassword(proof: Proof, newPassword: string): Promise<void> {
  await call('POST', '/v1/staff/password', { ...proof, newPassword });
}
