import { Boxes, Building2, Code, CopyCheck, Import, KeyRound, Layers, ListChecks, Mail, Settings, Users, type LucideIcon } from 'lucide-react';
import type { Session } from '@/feature/session/session';
import type { Key } from '@/locale/text';

/** An entry of the menu. */
export interface NavItem {
  to: string;
  text: Key;
  icon: LucideIcon;
}

/** A titled part of the menu. */
export interface NavPart {
  title: Key;
  items: NavItem[];
}

const contacts: NavItem = { to: '/contacts', text: 'nav.everyone', icon: Users };
const organizations: NavItem = { to: '/organizations', text: 'nav.organizations', icon: Building2 };
const segments: NavItem = { to: '/segments', text: 'nav.segments', icon: Layers };
const groups: NavItem = { to: '/groups', text: 'nav.groups', icon: Boxes };
const duplicates: NavItem = { to: '/duplicates', text: 'nav.duplicates', icon: CopyCheck };
const imports: NavItem = { to: '/import', text: 'nav.import', icon: Import };
const batches: NavItem = { to: '/batches', text: 'nav.batches', icon: ListChecks };
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
      items: [contacts, organizations, segments, groups, duplicates, ...(can('OPERATOR') ? [imports, batches] : []), ...(manager ? [settings] : [])],
    },
    ...(manager ? [{ title: 'nav.site' as const, items: [embed, ...house] }] : []),
  ];
}

/** The three or four entries for the bar at the foot of a phone's screen. */
export function phoneItems(session: Session): NavItem[] {
  const all = navParts(session).flatMap((part) => part.items);
  const wanted = session.site.contactManagement ? [contacts, segments, groups] : [settings, staff, mail];
  return wanted.filter((item) => all.includes(item));
}
