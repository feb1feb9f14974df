import { h } from './dom';

/** How long a browser may take to write a file, in milliseconds. */
const patience = 60_000;

/** Hands a file to the browser's downloads. A host's policy has no say in it, unless its page is sandboxed. */
export function offer(content: string, type: string, name: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), patience);
}
