import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { notifications } from '@mantine/notifications';
import { useCallback } from 'react';
import { useMutation, type AnyVariables } from 'urql';
import type { MendFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { failureText, textOf } from './error';

/** What every mutation's payload has. */
interface Payload {
  errors: MendFragment[];
}

/** Shows a failure in the corner of the screen. */
export function tell(message: string): void {
  notifications.show({ message, color: 'red', role: 'alert', autoClose: 8_000 });
}

/** Shows that something was done. */
export function confirmDone(message: string): void {
  notifications.show({ message });
}

/**
 * Runs a mutation of one field. `send` gives its payload, with the errors that the user can mend;
 * null when there is none, in which case the failure has been told already.
 */
export function useSend<D extends Record<string, Payload>, V extends AnyVariables>(document: TypedDocumentNode<D, V>) {
  const locale = useLocale();
  const [state, run] = useMutation<D, V>(document);
  const send = useCallback(
    async (variables: V): Promise<D[keyof D] | null> => {
      const result = await run(variables);
      const payload = result.data ? Object.values(result.data)[0] : undefined;
      if (result.error || payload === undefined) {
        if (result.error) tell(failureText(locale, result.error));
        return null;
      }
      return payload as D[keyof D];
    },
    [run, locale],
  );
  return { send, busy: state.fetching };
}

/** Tells the errors of a payload that has no form to show them in. True when there were none. */
export function useTellErrors() {
  const locale = useLocale();
  return useCallback(
    (payload: Payload | null): boolean => {
      if (!payload) return false;
      for (const error of payload.errors) tell(textOf(locale, error.code, error.message));
      return payload.errors.length === 0;
    },
    [locale],
  );
}
