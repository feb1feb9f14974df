import { Building2 } from 'lucide-react';
import type { ContactKind } from '@/gql/graphql';
import css from './avatar.module.css';

const initials = (name: string): string => {
  const words = name.replace(/[^\p{L}\p{N}\s]/gu, ' ').trim().split(/\s+/);
  const first = words[0]?.charAt(0) ?? '';
  const second = words.length > 1 ? (words[1]?.charAt(0) ?? '') : '';
  return (first + second).toUpperCase();
};

/** A contact's initials, or a building; the contact's colour at its corner. Decoration: the name stands beside it. */
export function Avatar({ name, kind, color, size = 28 }: { name: string; kind: ContactKind; color: string; size?: number }) {
  return (
    <span
      className={css.avatar}
      data-kind={kind}
      aria-hidden
      style={{ width: size, height: size, fontSize: Math.round(size * 0.38) }}
    >
      {kind === 'ORGANIZATION' ? <Building2 size={Math.round(size * 0.54)} strokeWidth={1.7} /> : initials(name)}
      {color && <span className={css.color} style={{ background: color }} />}
    </span>
  );
}
