/** What a calendar is told of a ticket, a booking or an event. */
export interface Entry {
  /** The same again replaces what the calendar has. */
  readonly id: string;
  readonly name: string;
  readonly place: string;
  readonly url: string;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** A calendar file with one entry (RFC 5545). */
export function calendar({ id, name, place, url, startsAt, endsAt }: Entry, now = new Date()): string {
  const time = (at: string | Date) => `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const text = (s: string) => s.replace(/[\\;,]/g, '\\$&').replace(/\r?\n/g, '\\n');
  return [
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Carnet//Carnet//EN', 'BEGIN:VEVENT', `UID:${id}@carnet`, `DTSTAMP:${time(now)}`, `DTSTART:${time(startsAt)}`, `DTEND:${time(endsAt)}`,
    `SUMMARY:${text(name)}`, place && `LOCATION:${text(place)}`, url && `URL:${url}`, 'END:VEVENT', 'END:VCALENDAR', '',
  ].filter((line, at, all) => line || at === all.length - 1).map(folded).join('\r\n');
}

/** Lines have at most 75 bytes (RFC 5545 §3.1); what is longer goes on after a space. Letters are never cut in two. */
function folded(line: string): string {
  const bytes = (s: string) => new TextEncoder().encode(s).length;
  let out = '';
  let used = 0;
  for (const letter of line) {
    const more = bytes(letter);
    if (used + more > 75) {
      out += '\r\n ';
      used = 1;
    }
    out += letter;
    used += more;
  }
  return out;
}
