import { useEffect, useState } from 'react';
import type { Refusal } from '@/api/error';
import { confirmDone } from '@/api/send';
import type { MendFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';

interface Options<S, V> {
  /** The site as it was read last. */
  site: S;
  /** What the form edits of it. */
  read: (site: S) => V;
  /** What would be sent; the form is dirty while that differs from what it began with. */
  input: (value: V) => object;
  /** Sends it; nothing comes of it when that failed, which has been told. */
  send: (variables: { input: object }) => Promise<{ site?: S | null; errors: MendFragment[] } | null>;
  /** Sorts what the server refuses. */
  refuse: (errors: readonly MendFragment[], value: V) => Refusal;
}

/** A form of the site's settings that is saved as a whole. */
export function useSiteForm<S, V>({ site, read, input, send, refuse }: Options<S, V>) {
  const { t } = useLocale();
  const [before, setBefore] = useState(() => read(site));
  const [value, setValue] = useState(before);
  const [refused, setRefused] = useState<Refusal>({ fields: {}, rest: [] });
  const dirty = JSON.stringify(input(before)) !== JSON.stringify(input(value));
  const take = (next: V) => {
    setBefore(next);
    setValue(next);
    setRefused({ fields: {}, rest: [] });
  };
  // A colleague's change, read anew, goes into a form that nobody has touched.
  useEffect(() => {
    if (!dirty) take(read(site));
  }, [site]);

  const save = async () => {
    const payload = await send({ input: input(value) });
    if (!payload) return;
    setRefused(refuse(payload.errors, value));
    if (payload.site) {
      take(read(payload.site));
      confirmDone(t('form.saved'));
    }
  };
  return { value, setValue, dirty, refused, reset: () => take(before), save };
}
