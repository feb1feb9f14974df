// The few endpoints beside GraphQL: the staff session, invitations and uploads.

/** A site that a staff member may choose. */
export interface SiteChoice {
  publicId: string;
  name: string;
}

/** A refusal of one of these endpoints. */
export class RestError extends Error {
  constructor(
    /** The stable word to translate by: the reason, else the code. */
    readonly code: string,
    message: string,
    /** The sites to choose from, when the reason is CHOOSE_SITE. */
    readonly sites: SiteChoice[] = [],
  ) {
    super(message);
  }
}

/** What a sign-in still needs after the password. */
export type SecondStepNeed = 'CODE' | 'ENROLMENT';

type Open = { [key: string]: unknown };
export const isObject = (value: unknown): value is Open => typeof value === 'object' && value !== null;
export const str = (value: unknown): string => (typeof value === 'string' ? value : '');

function sitesOf(value: unknown): SiteChoice[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isObject).map((site) => ({ publicId: str(site['publicId']), name: str(site['name']) }));
}

function refusalOf(body: unknown, status: number): RestError {
  const error = isObject(body) && isObject(body['error']) ? body['error'] : {};
  const code = str(error['reason']) || str(error['code']) || 'INTERNAL';
  const sites = isObject(body) ? sitesOf(body['sites'] ?? error['sites']) : [];
  return new RestError(code, str(error['message']) || `The server answered ${status}.`, sites);
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Asks one of these endpoints. Throws a RestError. */
export async function call(method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw new RestError('NETWORK', 'The server does not answer.');
  });
  const answer = jsonOf(await response.text());
  if (!response.ok) throw refusalOf(answer, response.status);
  return answer;
}

function needOf(answer: unknown): SecondStepNeed | null {
  const need = isObject(answer) ? answer['secondStep'] : null;
  return need === 'CODE' || need === 'ENROLMENT' ? need : null;
}

/** Signs staff in, or tells what is needed first. Throws a RestError, with the sites when one must be chosen. */
export async function signIn(email: string, password: string, site?: string): Promise<SecondStepNeed | null> {
  return needOf(await call('POST', '/v1/staff/session', { email, password, ...(site && { site }) }));
}

/** Ends the session. */
export async function signOut(): Promise<void> {
  await call('DELETE', '/v1/staff/session');
}

/** Accepts an invitation and signs in, or tells what is needed first. Throws a RestError. */
export async function acceptInvitation(token: string, name: string, password: string): Promise<SecondStepNeed | null> {
  return needOf(await call('POST', '/v1/staff/invitation', { token, name, password }));
}

/**
 * Uploads a file and gives its id for `importContacts`. `onProgress` hears the share sent, 0 to 1;
 * fetch cannot tell it, so this is an XMLHttpRequest. Throws a RestError.
 */
export function upload(file: File, onProgress: (share: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/v1/uploads?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('Content-Type', file.type || 'text/csv');
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onerror = () => reject(new RestError('NETWORK', 'The server does not answer.'));
    request.onload = () => {
      const body = jsonOf(request.responseText);
      if (request.status >= 200 && request.status < 300 && isObject(body)) resolve(str(body['id']));
      else reject(refusalOf(body, request.status));
    };
    request.send(file);
  });
}
