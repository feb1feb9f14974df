import type { Problem } from '../core/types';
import type { Control } from './control';
import { h } from './dom';
import { type Mistake, type Translate, mistakeText } from './texts';

/** An error of a payload: what the person can mend, and where. */
export interface UserError {
  readonly code: string;
  readonly path: readonly string[];
}

/** Checks all questions and marks each; the first wrong one gets the focus when asked for. */
export function checkAll(controls: readonly Control[], focus = true): boolean {
  const wrong = controls.filter((control) => {
    const mistake = control.check();
    control.mark(mistake);
    return mistake;
  });
  if (focus) wrong[0]?.focusable.focus();
  return wrong.length === 0;
}

/** Shows the server's errors at their questions; gives those that belong to none. */
export function markAll(controls: readonly Control[], errors: readonly UserError[]): UserError[] {
  let focused = false;
  return errors.filter((error) => {
    const control = controls.find((one) => one.owns(error.path));
    if (!control) return true;
    control.mark(error);
    if (!focused) control.focusable.focus();
    focused = true;
    return false;
  });
}

/** The place of a form for what is wrong with all of it; screen readers speak it when it comes. */
export function alertLine(t: Translate): { element: HTMLElement; say(mistake?: Mistake): void } {
  const element = h('div.alert', { role: 'alert' });
  return { element, say: (mistake) => { element.textContent = mistake ? mistakeText(t, mistake) : ''; } };
}

/** What a form is made of. */
export interface FormOptions {
  readonly controls: readonly Control[];
  /** The button's label. */
  readonly submit: string;
  /** Sends what was typed; gives the payload's errors, none when it went through. May reject with a Problem. */
  send(): Promise<readonly UserError[] | void>;
  /** Shown between the questions and the button. */
  readonly between?: readonly (HTMLElement | false)[];
  /** Said when an error belongs to no question, instead of the error's own text. */
  readonly problem?: string;
}

/** A form that checks, sends once at a time, and shows at each question what is wrong with it. */
export function form(t: Translate, { controls, submit, send, between = [], problem }: FormOptions): HTMLFormElement {
  const { element: alert, say } = alertLine(t);
  if (problem) say({ code: problem });
  const go = h('button.button', {}, submit);
  const onsubmit = async (event: Event) => {
    event.preventDefault();
    if (go.ariaBusy) return;
    say();
    if (!checkAll(controls)) return;
    go.ariaBusy = 'true';
    try {
      const [rest] = markAll(controls, (await send()) ?? []);
      if (rest) say(rest);
    } catch (error) {
      console.warn(error);
      say({ code: (error as Problem).code || 'UNEXPECTED' });
    }
    go.ariaBusy = null;
  };
  return h('form.form', { novalidate: true, onsubmit }, alert, ...controls.map((c) => c.element), ...between, go);
}
