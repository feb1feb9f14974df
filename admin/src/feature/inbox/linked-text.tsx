import { Fragment } from 'react';

/** An address of the web in a plain text; no other schemes. What ends a sentence is no part of it. */
const address = /(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/;

/** A plain text with its addresses made links. Nothing else of it is read as markup. */
export function LinkedText({ text }: { text: string }) {
  return text.split(address).map((part, at) => (
    <Fragment key={at}>
      {at % 2 === 1 ? (
        <a href={part} target="_blank" rel="noopener noreferrer nofollow">
          {part}
        </a>
      ) : (
        part
      )}
    </Fragment>
  ));
}
