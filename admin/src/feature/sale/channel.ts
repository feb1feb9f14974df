import type { Locale } from '@/locale/locale';

/** A channel in words: the usual ones have names, others are as the site writes them. */
export const channelName = (channel: string, known: Locale['known']): string => known('sale.channel', channel) ?? channel.replaceAll('_', ' ');
