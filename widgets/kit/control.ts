import { h, newId } from './dom';
import type { Mistake, Translate } from './texts';
import { mistakeText } from './texts';

/** One question of a form. */
export interface Control {
  /** Label, input, hint and message together. */
  readonly element: HTMLElement;
  /** What gets the focus when it is wrong. */
  readonly focusable: HTMLElement;
  /** What is wrong with what is given now, if anything. */
  check(): Mistake | undefined;
  /** Whether an error of the server's at this path is about this question. */
  owns(path: readonly string[]): boolean;
  /** Shows a mistake, or that there is none. */
  mark(mistake?: Mistake): void;
}

/** What a question says. */
export interface Wording {
  readonly label: string;
  readonly help?: string;
  readonly required?: boolean;
}

/** The star of a question that must be answered. Told to screen readers by `aria-required`. */
export const star = (required?: boolean) => !!required && h('span.required', { 'aria-hidden': 'true' }, ' *');

/** Hint and message below a question, and `aria-describedby` on what they belong to. */
export function notes(t: Translate, target: HTMLElement, help?: string): { nodes: (HTMLElement | false)[]; mark(mistake?: Mistake): void } {
  const error = h('p.error', { id: newId(), hidden: true });
  const hint = !!help && h('p.help', { id: newId() }, help);
  target.setAttribute('aria-describedby', hint ? `${hint.id} ${error.id}` : error.id);
  return {
    nodes: [hint, error],
    mark(mistake) {
      error.hidden = !mistake;
      error.textContent = mistake ? mistakeText(t, mistake) : '';
      target.setAttribute('aria-invalid', String(!!mistake));
    },
  };
}

/** A line of text to type. */
export interface InputOptions extends Wording {
  readonly name: string;
  readonly type?: string;
  readonly autocomplete: string;
  readonly value?: string | undefined;
  readonly maxlength?: number;
  /** What is typed into, where it is no `input`. */
  readonly tag?: 'textarea.input';
  /** More of the input's attributes. */
  readonly more?: Record<string, string>;
}

/** A labelled line of text; `input` holds what is typed. */
export function textInput(t: Translate, o: InputOptions): Control & { readonly input: HTMLInputElement } {
  const { label, help, required, tag = 'input.input', more, ...rest } = o;
  const input = h(tag, { id: newId(), 'aria-required': required && 'true', ...rest, ...more }) as HTMLInputElement;
  const { nodes, mark } = notes(t, input, help);
  const line = rest.type === 'password' ? h('div.password', {}, input, reveal(t, input)) : input;
  return {
    element: h('div.field', {}, h('label.label', { for: input.id }, label, star(required)), line, ...nodes),
    focusable: input,
    input,
    mark,
    owns: (path) => path.includes(rest.name),
    check() {
      if (required && !input.value.trim()) return { code: 'REQUIRED' };
      return input.validity.typeMismatch ? { code: 'INVALID_EMAIL' } : undefined;
    },
  };
}

/** Shows and hides a password while it is typed. */
function reveal(t: Translate, input: HTMLInputElement): HTMLButtonElement {
  const onclick = () => {
    const shown = input.type === 'text';
    input.type = shown ? 'password' : 'text';
    toggle.textContent = t(shown ? 'show' : 'hide');
  };
  const toggle = h('button.reveal', { type: 'button', 'aria-controls': input.id, onclick }, t('show'));
  return toggle;
}

/** A person's e-mail address: of their account where they sign in, to be filled in with the rest elsewhere. */
export const emailInput = (t: Translate, autocomplete: 'username' | 'username webauthn' | 'email', value?: string) =>
  textInput(t, { name: 'email', label: t('email'), type: 'email', autocomplete, required: true, value });
