import type { Problem } from '../core/types';
import { button, h, newId, sheet } from '../kit/dom';
import { CarnetElement } from '../kit/element';
import { type UserError, form } from '../kit/form';
import { mistakeText } from '../kit/texts';
import { type Operation, type SaveMyPreferencesInput, myPreferences, saveMyPreferences } from '../operations';
import fields from '../kit/field/styles.css';
import css from './styles.css';
import { ownTexts } from './texts';

const own = sheet(fields + css);

type Answered<T> = T extends Operation<infer Answer, infer _Variables> ? Answer : never;
type Preferences = NonNullable<Answered<typeof myPreferences>['me']>['preferences'];

/**
 * `<carnet-preferences>`: what the person who is signed in gets, by purpose and channel, as the page behind the link of each message has
 * it. What is to be confirmed says so, and offers to send the mail again. While nobody is signed in it is the login.
 */
export class CarnetPreferences extends CarnetElement {
  #held: Preferences | undefined;
  #said = '';
  #subject = '';

  constructor() {
    super(own);
  }

  protected override update(focus = false): void {
    const { me } = this.core;
    if (!me || me.subject !== this.#subject) { // nobody, or somebody else
      this.#held = undefined;
      this.#said = '';
      this.#subject = me?.subject ?? '';
    }
    if (!me) return this.show(focus, this.nest('login'));
    if (!this.#held) return void this.#read(focus);
    this.show(focus, ...this.#content(this.#held));
  }

  async #read(focus: boolean): Promise<void> {
    try {
      const { me } = await this.core.graphql(myPreferences, { language: this.manifest.language });
      if (!me || this.core.me?.subject !== this.#subject) return; // somebody else by now: read anew when the session tells who
      this.#held = me.preferences;
      this.update(focus);
    } catch (error) {
      this.fail(error as Problem);
    }
  }

  #content({ address, purposes }: Preferences): Node[] {
    const { t, manifest: { language, name, texts } } = this;
    const words = ownTexts(language);
    const boxes: { box: HTMLInputElement; purpose: Preferences['purposes'][number]; channel: Preferences['purposes'][number]['channels'][number]['channel'] }[] = [];
    const parts = purposes.map((purpose) => {
      const help = newId();
      return h('fieldset.purpose', purpose.text ? { 'aria-describedby': help } : {},
        h('legend.title', {}, purpose.name),
        !!purpose.text && h('p.help', { id: help }, purpose.text),
        h('div.ways', {}, ...purpose.channels.map(({ channel, agreed, pending }) => {
          const box = h('input.checkbox', { type: 'checkbox', checked: agreed || pending }) as HTMLInputElement;
          boxes.push({ box, purpose, channel });
          return h('label.choice', {}, box, h('span', {}, words(channel) + (pending ? ` (${words('waits')})` : '')));
        })));
    });
    const pending = purposes.some(({ channels }) => channels.some((one) => one.pending));
    const alert = h('div.alert', { role: 'alert' });
    const said = h('p.notice', { role: 'status' }, this.#said);
    said.hidden = !this.#said;
    const act = (input: SaveMyPreferencesInput, done: Parameters<typeof words>[0]) => void this.#save(input, words(done)).then(
      (errors) => { if (errors[0]) alert.textContent = mistakeText(t, errors[0]); },
      (error: Problem) => { alert.textContent = mistakeText(t, { code: error.code || 'UNEXPECTED' }); },
    );
    const send = () => this.#save({
      choices: boxes.map(({ box, purpose, channel }) => ({
        purposeId: purpose.purposeId, channel, agree: box.checked, wordingVersion: purpose.wordingVersion, wordingLanguage: purpose.wordingLanguage,
      })),
    }, words('saved'), words('confirm', { address }));
    return [
      this.heading(texts['preferences.title'] || words('title'), texts['preferences.intro']?.replaceAll('{site}', name) || words('intro', { site: name })),
      said,
      form(t, { controls: [], between: [...parts, pending && h('p.help', {}, words('waiting', { address }))], submit: words('save'), send }),
      alert,
      h('div.row', {}, pending && button('link', words('again'), () => act({ again: true }, 'sent')), button('link', words('none'), () => act({ none: true }, 'left'))),
    ];
  }

  /** Saves, and says so: in other words where something new is to be confirmed. */
  async #save(input: SaveMyPreferencesInput, done: string, confirm = done): Promise<readonly UserError[]> {
    const { payload } = await this.core.graphql(saveMyPreferences, { input: { ...input, language: this.manifest.language } }, this);
    if (!payload.preferences) return payload.errors;
    this.#held = payload.preferences;
    this.#said = payload.preferences.purposes.some(({ channels }) => channels.some((one) => one.pending)) ? confirm : done;
    this.update(true);
    return [];
  }
}
