const parts = {
  record: ['contact', 'name_term', 'contact_reference', 'affiliation', 'contact_group_member', 'contact_label', 'segment_member', 'contact_twin', 'contact_not_twin'],
  history: ['contact_history', 'contact_merge'],
  notes: ['contact_note'],
  consents: ['consent', 'consent_entry'],
  account: ['account', 'account_identity', 'account_recovery', 'passkey', 'passkey_ceremony', 'calendar_feed', 'auth_code', 'support_code', 'token_session', 'email_challenge', 'rate_bucket', 'checkout'],
  messages: ['mail', 'campaign_recipient', 'dead_address'],
  sales: ['sale_order', 'order_return', 'payment', 'balance_change', 'provider_payment'],
  files: ['upload', 'import_row', 'import_run', 'batch_item', 'batch_run', 'export_log'],
} as const;

export type Part = keyof typeof parts | 'other';

export interface Deed {
  table: string;
  deleted: number;
  emptied: number;
}

/** What was done, or would be, in the words of people: rows that go and rows that are emptied, by what they are about. */
export function byPart(deeds: readonly Deed[]): { part: Part; deleted: number; emptied: number }[] {
  const names = [...(Object.keys(parts) as (keyof typeof parts)[]), 'other'] as const;
  return names
    .map((part) => {
      const own = deeds.filter(({ table }) => partOf(table) === part);
      return { part, deleted: own.reduce((sum, { deleted }) => sum + deleted, 0), emptied: own.reduce((sum, { emptied }) => sum + emptied, 0) };
    })
    .filter(({ deleted, emptied }) => deleted + emptied > 0);
}

function partOf(table: string): Part {
  return (Object.keys(parts) as (keyof typeof parts)[]).find((name) => (parts[name] as readonly string[]).includes(table)) ?? 'other';
}
