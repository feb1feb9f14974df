import { useState } from 'react';
import { textOf } from '@/api/error';
import { nextKey } from '@/api/key';
import { confirmDone } from '@/api/send';
import type { MendFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';

/**
 * What the dialogs that move money share: a key that is made once, so that a second click, or a try after a lost answer, moves
 * nothing more; and the refusals, at the inputs that are named and above the others.
 */
export function useDialog(onClose: () => void, inputs: readonly string[]) {
  const locale = useLocale();
  const [key, setKey] = useState<string>(() => crypto.randomUUID());
  const [errors, setErrors] = useState<MendFragment[]>([]);
  const words = (error: MendFragment) => textOf(locale, error.code, error.message);
  const of = (error: MendFragment) => inputs.find((name) => error.path.includes(name));
  return {
    key,
    rest: errors.filter((error) => of(error) === undefined).map(words),
    at: (name: string) => errors.filter((error) => of(error) === name).map(words)[0],
    /** Takes the answer; true when it was done. */
    answered(payload: { errors: MendFragment[] } | null, done: string): boolean {
      if (!payload) return false;
      setErrors(payload.errors);
      if (payload.errors.length > 0) {
        setKey(nextKey(key, payload.errors));
        return false;
      }
      confirmDone(done);
      onClose();
      return true;
    },
  };
}
