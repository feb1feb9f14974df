/**
 * What the loader, the core and the widgets agree on. Types only: no code comes of this file.
 *
 * The three meet on `globalThis[Symbol.for('carnet')]` instead of importing one another, so that each
 * is one module of its own that the loader fetches with its integrity, all at the same time.
 */
import type { Field } from '../kit/field/index';
import type { Surface } from '../operations';

/** A built module: where it is and the digest it must have. */
export interface Module {
  readonly url: string;
  readonly integrity: string;
  /** What it shows, where it is the frame of a widget of another vendor. */
  readonly thirdParty?: ThirdParty;
}

/** A widget of another vendor: a page in a sandboxed frame. */
export interface ThirdParty {
  /** What visitors read. */
  readonly name: string;
  /** Its address. */
  readonly page: string;
  /** What it is told of whoever is signed in: `signed_in`, `first_name`, `email`, `answers`. */
  readonly grants: readonly string[];
}

/** The answer of `GET /widgets/v1/sites/{publicId}?lang=&ask=`: all a widget must know before anybody signs in. */
export interface Manifest {
  /** The site's public id. */
  readonly site: string;
  /** The organisation's name. */
  readonly name: string;
  /** The language of `texts`: en, fr or nb. */
  readonly language: string;
  /** Rules that follow the widgets' own: the site's colour and theme. */
  readonly style: string;
  /** Whether end users may sign in at all (T-14). */
  readonly accountsEnabled: boolean;
  /** Whether buying needs an account (T-19). */
  readonly loginRequired: boolean;
  /** Whether end users may make passkeys and sign in by them. */
  readonly passkeys: boolean;
  /** What sign-up asks a consent for; absent when it does not ask. */
  readonly consent?: { readonly text: string; readonly version: number; readonly language: string };
  /** What the registration links to: a privacy policy, terms. */
  readonly links?: readonly { readonly label: string; readonly url: string }[];
  /** A button for each social provider. */
  readonly providers: readonly { readonly name: string; readonly label: string }[];
  /** The server's public address, without a slash at the end: the base of every call and proof. */
  readonly server: string;
  /** `include` where the refresh token is a cookie of the site's login domain, else `omit`. */
  readonly credentials: RequestCredentials;
  readonly core: Module;
  /** By name; those of other vendors by tag. */
  readonly widgets: Readonly<Record<string, Module>>;
  readonly texts: Readonly<Record<string, string>>;
  /** The site's own questions, for the widgets that were on the page when it was asked for. */
  readonly questions?: { readonly [surface in Surface]?: readonly Field[] };
}

/** What the loader leaves for the core and the widgets. */
export interface Page {
  /** The site's manifest with texts of the language nearest to the one given; fetched once a language. */
  manifest(language: string): Promise<Manifest>;
  /** Loads a widget's module, once, and defines its element. Rejects when it cannot be had. */
  use(widget: string): Promise<unknown>;
  /** The one session of the page. */
  readonly core: Promise<Core>;
}

/** The person who is signed in. */
export interface Me {
  readonly subject: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly displayName: string;
}

/** What a code will be bound to: RFC 7636 challenge, RFC 7638 thumbprint of the key. */
export interface Attempt {
  readonly id: string;
  readonly challenge: string;
  readonly jkt: string;
}

/** A mailbox that a provider's answer asks to prove, by the code of a mail that is already sent. */
export interface Proving {
  readonly attempt: string;
  readonly email: string;
}

/** The session with Carnet, shared by all widgets of a page. */
export interface Core {
  /** Resolves when a session left by an earlier visit has been taken up, or there is none. Never rejects. */
  readonly ready: Promise<void>;
  /** Who is signed in. */
  readonly me: Me | null;
  /** Set while a provider's sign-in waits for the mailbox to be proven. */
  readonly proving: Proving | null;
  /** Why the last sign-in with a provider failed; an error's code. */
  readonly problem: string;
  /** Calls back after each change of the three above; gives what ends that. */
  watch(changed: () => void): () => void;
  /** Starts an attempt, or gives the public part of one that was started. */
  attempt(id?: string): Promise<Attempt>;
  /** Exchanges a code for a session. `from` is where `carnet:signed-in` is fired. */
  finish(attempt: string, code: string, from?: EventTarget): Promise<void>;
  /** Makes the next call of `social` ready; call it before the buttons can be clicked. */
  prepare(): Promise<void>;
  /** Opens a provider's sign-in. Call it within a click: a popup needs one. */
  social(provider: string, from?: EventTarget): void;
  /** Asks anew who is signed in: their name or address has changed. */
  reload(): Promise<void>;
  /** Forgets a pending proof of the mailbox and a problem. */
  dismiss(): void;
  /** Posts JSON as the person who is signed in, if any, and gives the JSON of the answer; what is none is `{}`. Rejects with a `Problem`. */
  send(path: string, body: object): Promise<{ readonly data?: unknown }>;
  /**
   * One GraphQL operation, as the person who is signed in, if any. Where the server asks for work first, it is done, with its progress shown
   * in the widget `from`. Rejects with a `Problem`.
   */
  graphql<Answer, Variables>(operation: string & { readonly __types?: [Answer, Variables] }, variables: Variables, from?: HTMLElement): Promise<Answer>;
  /** Ends this session, or all sessions of the account; also here when the server cannot be reached. */
  signOut(everywhere: boolean, from?: EventTarget): Promise<void>;
  /** Fires `carnet:<name>`, which bubbles out of shadow roots. */
  emit(name: string, detail?: object, from?: EventTarget): void;
}

/** What calls reject with: `code` is a word to translate by, as in `errors` of payloads; `message` is for the page's developer. */
export interface Problem extends Error {
  readonly code: string;
  readonly status: number;
}

declare global {
  interface HTMLElementEventMap {
    'carnet:ready': CustomEvent;
    'carnet:signed-in': CustomEvent<{ sub: string }>;
    'carnet:signed-out': CustomEvent;
    'carnet:profile-saved': CustomEvent;
    'carnet:checkout': CustomEvent<{ token: string; order: string }>;
    'carnet:error': CustomEvent<{ code: string }>;
  }
}
