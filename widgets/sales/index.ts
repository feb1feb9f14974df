/**
 * What one bought, attends by and organizes: the sections of "my account" that come from sales (T-04 to T-11). A module of its own: most who open
 * their account look at something else.
 */
import type { Account, TabOf } from '../account/element';
import { bookings, tickets } from './attend';
import { events } from './event';
import { memberships, purchases } from './purchase';
import { type Show, fill } from './section';
import { type Own, ownTexts } from './texts';
import { type Clock, clock, money } from './when';

/** What the sections are given. */
export interface Sales {
  readonly account: Account;
  /** This module's own texts. */
  readonly own: Own;
  readonly when: Clock;
  money(amount: number, currency: string): string;
}

/** A section of the account: reads what there is and shows it in its place. */
export type Section = (sales: Sales, show: Show) => Promise<void>;

const sections: Record<TabOf<'sales'>, Section> = { tickets, purchases, memberships, bookings, events };

/** Opens a section where the account has left room for it. */
export function open(account: Account, tab: TabOf<'sales'>, place: HTMLElement): void {
  const { manifest: { language }, mine } = account;
  const sales: Sales = { account, own: ownTexts(language), when: clock(language, mine.holdings.timeZone), money: (amount, currency) => money(language, amount, currency) };
  fill(account, place, (show) => sections[tab](sales, show));
}
