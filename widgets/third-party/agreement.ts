/** What a visitor has decided about passing their details on; undefined until they have. */
export type Choice = 'yes' | 'no' | undefined;

const here = new Map<string, string>(); // where the browser keeps nothing for this page

/**
 * A visitor's choice, kept by the browser for the host's origin. It holds for the person, the page and the grants it was made for:
 * when one of them is another, the visitor is asked anew.
 */
export class Agreement {
  readonly #key: string;
  readonly #of: string;

  constructor(site: string, tag: string, ...of: string[]) {
    this.#key = `carnet:${site}:${tag}`;
    this.#of = JSON.stringify(of);
  }

  get choice(): Choice {
    const [, choice, of] = /^(yes|no) (.*)$/.exec(read(this.#key) ?? '') ?? [];
    return of === this.#of ? (choice as Choice) : undefined;
  }

  set choice(choice: 'yes' | 'no') {
    const text = `${choice} ${this.#of}`;
    here.set(this.#key, text);
    try {
      localStorage.setItem(this.#key, text);
    } catch {
      // asked anew at the next visit
    }
  }
}

function read(key: string): string | null | undefined {
  try {
    return localStorage.getItem(key) ?? here.get(key);
  } catch {
    return here.get(key);
  }
}
