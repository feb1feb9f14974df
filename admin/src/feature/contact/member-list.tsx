import { Users } from 'lucide-react';
import { useState } from 'react';
import { Empty, Loading, Problem } from '@/part/state';
import { ContactTable } from './contact-table';
import type { ListSorting, Matching } from './list-params';
import { useContactPages } from './use-contact-pages';

/** The contacts that match something, to read and sort. `matching` must not be made anew on each render. */
export function MemberList({ label, matching, empty }: { label: string; matching: Matching; empty: string }) {
  const [order, setOrder] = useState<ListSorting>({ by: 'NAME', direction: 'ASC' });
  const pages = useContactPages(matching, order);
  if (pages.error && pages.rows.length === 0) return <Problem error={pages.error} retry={pages.reload} />;
  if (pages.rows.length === 0) return pages.fresh ? <Loading lines={8} /> : <Empty icon={Users} title={empty} />;
  return <ContactTable label={label} rows={pages.rows} order={{ value: order, onChange: setOrder }} onNearEnd={pages.loadMore} stale={pages.fresh} />;
}
