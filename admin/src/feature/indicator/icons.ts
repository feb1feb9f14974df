import {
  Baby, CalendarDays, ChartColumn, Clock, Coins, Drama, Dumbbell, Film, Flag, Gift, GraduationCap, Heart, Megaphone, Music, Palette, Star, Ticket, Trophy, Users, Utensils, type LucideIcon,
} from 'lucide-react';
import type { IndicatorIcon } from '@/gql/graphql';

/** What indicators are shown by. */
export const indicatorIcons: Record<IndicatorIcon, LucideIcon> = {
  CHART: ChartColumn, TICKET: Ticket, COINS: Coins, CALENDAR: CalendarDays, CLOCK: Clock, STAR: Star, HEART: Heart, TROPHY: Trophy, USERS: Users, BABY: Baby,
  MUSIC: Music, DRAMA: Drama, FILM: Film, DUMBBELL: Dumbbell, PALETTE: Palette, UTENSILS: Utensils, GRADUATION: GraduationCap, GIFT: Gift, FLAG: Flag, MEGAPHONE: Megaphone,
};

/** In the order they are offered. */
export const iconNames = Object.keys(indicatorIcons) as IndicatorIcon[];
