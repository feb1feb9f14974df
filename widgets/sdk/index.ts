/**
 * The SDK for widgets of other vendors, served as `/widgets/v1/sdk.js`: a page that a site has registered runs in a sandboxed frame
 * on the site's pages and reaches them by this module only. docs/third-party-widgets.md is the guide.
 *
 * It imports nothing, since it is served as one file and its types as another.
 */

/** What the site lets this widget know of whoever is signed in; each value only where it is granted, and the personal ones once the visitor has agreed. */
export interface Person {
  /** Who it is, as this widget alone knows them: the same at each visit, another for each widget. No proof to a server. */
  readonly subject?: string;
  readonly firstName?: string;
  readonly email?: string;
  /** The answers to the questions of the profile. */
  readonly answers?: readonly Answered[];
}

/** An answer to a question of the site's own. */
export interface Answered {
  readonly id: string;
  /** The question, in the language of the page. */
  readonly question: string;
  /** A day is `2026-11-27`; choices are a list. */
  readonly answer: string | number | boolean | readonly string[];
}

/** All that a widget is told; a new one comes at each change. */
export interface State {
  /** The language of the page: `en`, `fr` or `nb`. */
  readonly locale: string;
  readonly direction: 'ltr' | 'rtl';
  /** A value of `color-scheme`: `light`, `dark`, or `light dark`, by which the person's system decides. */
  readonly scheme: string;
  /** The look of the site's widgets, by custom property, for example `--carnet-accent`: `#155e6b`. Colours may be `light-dark()`. */
  readonly theme: Readonly<Record<string, string>>;
  /** Who is signed in; null when nobody is, or nothing may be told. */
  readonly person: Person | null;
}

/** The connection with the page around the frame. */
export interface Connection {
  person(): Person | null;
  readonly locale: string;
  /** The look of the site; the document's root has its values as custom properties already. */
  readonly theme: Readonly<Record<string, string>>;
  /** Calls back at each change of what is told; gives what ends that. */
  onChange(listener: (state: State) => void): () => void;
  /** Makes the frame this high, in CSS pixels, 0 to 5000; without a height as high as the document is. */
  resize(height?: number): void;
  /**
   * Fires `x-<vendor>-<name>:<name>` on the element in the site's page. The name is small letters, digits and hyphens, at most 40;
   * the detail is JSON, at most 8,000 characters. Throws a RangeError on another.
   */
  emit(name: string, detail?: unknown): void;
}

/** How to connect. */
export interface Options {
  /** Whether the frame follows the document's height by itself; it does unless this is false. */
  readonly autoResize?: boolean;
  /** How long to wait for the page around, in milliseconds; 10,000 unless given. */
  readonly timeout?: number;
}

const root = document.documentElement;

/** Connects with the page around the frame. Rejects where there is none, or none that knows this widget. */
export function connect({ autoResize = true, timeout = 10_000 }: Options = {}): Promise<Connection> {
  return new Promise((resolve, reject) => {
    if (parent === window) {
      reject(Error('carnet: this page is in no frame. Register its address with a site and open a page that has its tag.'));
      return;
    }
    const late = setTimeout(() => {
      removeEventListener('message', hear);
      reject(Error('carnet: the page around did not answer. Does it load carnet.js, and is the frame one that Carnet made? A frame connects once.'));
    }, timeout);
    const hear = ({ source, data, ports: [port] }: MessageEvent) => {
      if (source !== parent || data !== 'carnet:port' || !port) return;
      clearTimeout(late);
      removeEventListener('message', hear);
      open(port, autoResize, resolve);
    };
    addEventListener('message', hear);
    parent.postMessage('carnet:connect', '*'); // says nothing: whoever is around may know that this is a widget
  });
}

function open(port: MessagePort, autoResize: boolean, ready: (connection: Connection) => void): void {
  const listeners = new Set<(state: State) => void>();
  let state: State | undefined;
  let high = -1;
  const send = (message: object) => {
    const text = JSON.stringify(message);
    if (text.length > 8192) throw new RangeError('carnet: the detail is longer than 8,000 characters');
    port.postMessage(text);
  };
  const connection: Connection = {
    person: () => state?.person ?? null,
    get locale() { return state?.locale ?? 'en'; },
    get theme() { return state?.theme ?? {}; },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    resize(height = Math.ceil(root.getBoundingClientRect().height)) {
      if (height !== high) send({ resize: (high = height) });
    },
    emit(name, detail = null) {
      if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) throw new RangeError(`carnet: ${name} is no name of an event: small letters, digits and hyphens, at most 40`);
      send({ emit: name, detail });
    },
  };
  port.onmessage = ({ data }: MessageEvent<State>) => {
    const first = !state;
    wear((state = data));
    if (first) {
      ready(connection);
      if (autoResize) new ResizeObserver(() => connection.resize()).observe(root);
    } else for (const listener of listeners) listener(data);
  };
}

/** Puts language, direction and look onto the document's root. */
function wear({ locale, direction, scheme, theme }: State): void {
  root.lang = locale;
  root.dir = direction;
  root.style.colorScheme = scheme;
  for (const [name, value] of Object.entries(theme)) root.style.setProperty(name, value);
}
