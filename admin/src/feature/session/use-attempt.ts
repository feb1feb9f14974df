import { useCallback, useState } from 'react';
import { textOf } from '@/api/error';
import { RestError } from '@/api/rest';
import { useLocale } from '@/locale/locale';

/**
 * Runs what may be refused, one at a time. `refused` holds what to tell; `otherwise` may take a refusal over, by
 * answering true.
 */
export function useAttempt() {
  const locale = useLocale();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string[]>([]);
  const attempt = useCallback(
    async (what: () => Promise<void>, otherwise?: (error: RestError) => boolean) => {
      setBusy(true);
      setRefused([]);
      try {
        await what();
      } catch (error) {
        if (!(error instanceof RestError)) throw error;
        if (!otherwise?.(error)) setRefused([textOf(locale, error.code, error.message)]);
      } finally {
        setBusy(false);
      }
    },
    [locale],
  );
  return { attempt, busy, refused };
}
