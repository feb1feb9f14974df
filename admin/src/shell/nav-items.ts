import { Boxes, Building2, CalendarDays, Code, CopyCheck, Import, Inbox, KeyRound, Layers, LayoutDashboard, ListChecks, Mail, Megaphone, ReceiptText, Settings, ShieldAlert, ShoppingCart, Tags, TicketPercent, Users, type LucideIcon } from 'lucide-react';
import type { ComponentType } from 'react';
import { InboxCount } from '@/feature/inbox/inbox-count';
import { PrivacyCount } from '@/feature/privacy/privacy-count';
import type { Session } from '@/feature/session/session';
import type { Key } from '@/locale/text';

/** An entry of the menu. */
export interface NavItem {
  to: string;
  text: Key;
  icon: LucideIcon;
  /** What waits there, at the entry's end. */
  badge?: ComponentType;
}

/** A titled part of the menu. */
export interface NavPart {
  title: Key;
  items: NavItem[];
}

const dashboard: NavItem = { to: '/dashboard', text: 'nav.dashboard', icon: LayoutDashboard };
const contacts: NavItem = { to: '/contacts', text: 'nav.everyone', icon: Users };
const organizations: NavItem = { to: '/organizations', text: 'nav.organizations', icon: Building2 };
const segments: NavItem = { to: '/segments', text: 'nav.segments', icon: Layers };
const groups: NavItem = { to: '/groups', text: 'nav.groups', icon: Boxes };
const duplicates: NavItem = { to: '/duplicates', text: 'nav.duplicates', icon: CopyCheck };
const sale: NavItem = { to: '/sale', text: 'nav.sale', icon: ShoppingCart };
const offers: NavItem = { to: '/offers', text: 'nav.offers', icon: TicketPercent };
const events: NavItem = { to: '/events', text: 'nav.events', icon: CalendarDays };
const catalogue: NavItem = { to: '/catalogue', text: 'nav.catalogue', icon: Tags };
const imports: NavItem = { to: '/import', text: 'nav.import', icon: Import };
const batches: NavItem = { to: '/batches', text: 'nav.batches', icon: ListChecks };
const orders: NavItem = { to: '/orders', text: 'nav.orders', icon: ReceiptText };
const privacy: NavItem = { to: '/privacy', text: 'nav.privacy', icon: ShieldAlert, badge: PrivacyCount };
const campaigns: NavItem = { to: '/campaigns', text: 'nav.campaigns', icon: Megaphone };
const inbox: NavItem = { to: '/inbox', text: 'nav.inbox', icon: Inbox, badge: InboxCount };
const settings: NavItem = { to: '/settings', text: 'nav.settings', icon: Settings };
const embed: NavItem = { to: '/embed', text: 'nav.embed', icon: Code };
const staff: NavItem = { to: '/staff', text: 'nav.staff', icon: KeyRound };
const mail: NavItem = { to: '/mail', text: 'nav.mail', icon: Mail };

/**
 * The menu for a session. The Contacts part exists only once contact management is enabled (T-14,
 * T-16); its settings move to the site's part before, so that it can be enabled at all (T-13).
 */
export function navParts({ site, can }: Session): NavPart[] {
  const manager = can('MANAGER');
  const house: NavItem[] = manager ? [staff, mail] : [];
  if (!site.contactManagement) return [{ title: 'nav.site', items: [...(manager ? [settings] : []), ...house] }];
  return [
    {
      title: 'nav.contacts',
      items: [dashboard, contacts, organizations, segments, groups, duplicates, ...(can('OPERATOR') ? [inbox, imports, batches] : []), ...(manager ? [campaigns, privacy, settings] : [])],
    },
    { title: 'nav.sales', items: [...(can('OPERATOR') ? [sale] : []), orders, events, catalogue, offers] },
    ...(manager ? [{ title: 'nav.site' as const, items: [embed, ...house] }] : []),
  ];
}

/** The three or four entries for the bar at the foot of a phone's screen. */
export function phoneItems(session: Session): NavItem[] {
  const all = navParts(session).flatMap((part) => part.items);
  const wanted = session.site.contactManagement ? [dashboard, contacts, segments, groups] : [settings, staff, mail];
  return wanted.filter((item) => all.includes(item));
}
