import { h } from '../kit/dom';
import { CarnetElement } from '../kit/element';
import { form } from '../kit/form';
import { known, signIn } from './ceremony';
import { ownTexts, withOwn } from './texts';

/**
 * `<carnet-passkey>`: sign in by a passkey. By itself a login with nothing to type; inside the login what its button opens, which
 * asks the browser at once.
 */
export class CarnetPasskey extends CarnetElement {
  #asked = false;

  protected override update(focus = this.hasAttribute('nested')): void {
    const { core, manifest } = this;
    const own = ownTexts(manifest.language);
    if (core.me) return this.show(focus, this.nest('status'));
    const heading = this.heading(own('passkey.title'), own('passkey.hint'));
    if (!manifest.passkeys || !known()) return this.show(focus, heading, h('p.notice', {}, own('error.PASSKEYS_OFF')));
    const asking = form(withOwn(manifest), { controls: [], submit: own('passkey.go'), send: () => signIn(core, this) });
    this.show(focus, heading, asking);
    if (this.hasAttribute('nested') && !this.#asked) asking.requestSubmit();
    this.#asked = true;
  }
}
