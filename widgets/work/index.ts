/**
 * What a browser does before a password is checked or a mail is written, where the site asks for it: a proof of work, without a Worker,
 * which would need an entry of the host's policy. It is fetched when it is first asked for.
 */
import { h, sheet } from '../kit/dom';
import type { WorkInput } from '../operations';
import { search } from './search';
import css from './styles.css';
import { ownTexts } from './texts';

const own = sheet(css);

/** Solves a challenge, with its progress shown in a widget below the button that waits. Rejects when the widget leaves the page. */
export async function solve(challenge: string, from?: HTMLElement): Promise<WorkInput> {
  const { box, bar } = progress(from);
  try {
    const number = await search(challenge, (part) => {
      bar.value = part;
      return !from || from.isConnected;
    });
    return { challenge, number };
  } finally {
    box.remove();
  }
}

/** The progress, in the language of its widget. Its words come after its place, so that screen readers speak them. */
function progress(from?: HTMLElement) {
  const root = from?.shadowRoot;
  const card = root?.querySelector<HTMLElement>('.card');
  const words = ownTexts(card?.lang ?? '')('work.checking');
  const bar = h('progress', { max: 1, value: 0, 'aria-label': words });
  const said = h('span', { role: 'status' });
  const box = h('div.work', {}, said, bar);
  if (root && card) {
    if (!root.adoptedStyleSheets.includes(own)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, own];
    (card.querySelector('.button[aria-busy=true]') ?? card.lastElementChild)?.after(box);
  }
  void Promise.resolve().then(() => { said.textContent = words; });
  return { box, bar };
}
