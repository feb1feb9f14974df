import type { MendFragment } from '@/gql/graphql';

/**
 * The idempotency key of the next try. What was refused did nothing, so what is sent next is another request. But KEY_REUSED says that an
 * earlier try went through and its answer was lost: under a new key the next one would do it twice.
 */
export const nextKey = (key: string, errors: readonly Pick<MendFragment, 'code'>[]): string =>
  errors.length === 0 || errors.some(({ code }) => code === 'KEY_REUSED') ? key : crypto.randomUUID();
