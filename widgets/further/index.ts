/**
 * What few people have in "my account": offers that are reserved for them (S-42), the sales of the events they produce (S-12), and the address of their own
 * calendar. A module of its own: most who open their account look at something else.
 */
import type { Account, TabOf } from '../account/element';
import { type Show, fill } from '../sales/section';
import { type Clock, clock, money } from '../sales/when';
import { calendar } from './feed';
import { offers } from './offer';
import { produced } from './produced';
import { type Own, ownTexts } from './texts';

/** What the sections are given. */
export interface Further {
  readonly account: Account;
  /** This module's own texts. */
  readonly own: Own;
  readonly when: Clock;
  /** An amount in the site's currency. */
  money(amount: number): string;
}

/** A section of the account: reads what there is and shows it in its place. */
export type Section = (further: Further, show: Show) => Promise<void>;

const sections: Record<TabOf<'further'>, Section> = { offers, produced, calendar };

/** Opens a section where the account has left room for it. */
export function open(account: Account, tab: TabOf<'further'>, place: HTMLElement): void {
  const { manifest: { language }, mine: { holdings: { timeZone, currency } } } = account;
  const further: Further = { account, own: ownTexts(language), when: clock(language, timeZone), money: (amount) => money(language, amount, currency) };
  fill(account, place, (show) => sections[tab](further, show));
}
