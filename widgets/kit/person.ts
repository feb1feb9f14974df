import type { Me } from '../core/types';

/** A person's name as one speaks to them; their address where none is known. */
export const fullName = (me: Me): string => [me.firstName, me.lastName].filter(Boolean).join(' ') || me.email;
