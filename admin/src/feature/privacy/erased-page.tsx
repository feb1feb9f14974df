import { Button, TextInput } from '@mantine/core';
import { Download, UserRoundX } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { ErasuresDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { Day } from '@/part/when';
import { DeedsList } from './deeds-list';
import { PrivacyFrame } from './privacy-frame';
import { useMore } from './use-pages';
import css from './privacy.module.css';

/** Who was erased: the proofs, and whether one was who had an address. */
export default function ErasedPage() {
  const { t } = useLocale();
  const [typed, setTyped] = useState('');
  const [email, setEmail] = useState('');
  const { rows, error, reload, more } = useMore(ErasuresDocument, { email: email || null }, email);
  const search = (event: FormEvent) => {
    event.preventDefault();
    setEmail(typed.trim());
  };
  return (
    <PrivacyFrame
      tab="erased"
      lead={t('privacy.erased.lead')}
      actions={
        <Button component="a" href="/v1/erasures" download variant="default" leftSection={<Download size={15} aria-hidden />}>
          {t('privacy.erased.list')}
        </Button>
      }
    >
      <Sheet>
        <form onSubmit={search} className={css.find} role="search">
          <TextInput label={t('privacy.erased.email')} description={t('privacy.erased.emailHint')} type="email" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
          <Button type="submit" variant="default">
            {t('privacy.erased.look')}
          </Button>
        </form>
        <div role="status">{email && rows && rows.length > 0 && <p className={css.found}>{t('privacy.erased.this', { email })}</p>}</div>
        {error && !rows ? (
          <Problem error={error} retry={reload} />
        ) : !rows ? (
          <Loading />
        ) : rows.length === 0 ? (
          <Empty icon={UserRoundX} title={email ? t('privacy.erased.notThis') : t('privacy.erased.none')} />
        ) : (
          <ul className={css.list} aria-label={t('privacy.tab.erased')}>
            {rows.map((one) => (
              <li key={one.id} className={css.item}>
                <details>
                  <summary>
                    <strong>{t('privacy.erased.number', { n: one.number })}</strong> · <Day at={one.at} /> · {t(`privacy.ground.${one.ground}`)} · {one.byName}
                  </summary>
                  <p className={css.facts}>{t('privacy.erased.facts', { records: one.records, accounts: one.accounts, addresses: one.addresses })}</p>
                  <DeedsList deeds={one.deeds} label={t('privacy.erased.what')} />
                  <p className={css.facts}>{t('privacy.erased.proof', { id: one.id })}</p>
                </details>
              </li>
            ))}
          </ul>
        )}
        {more && (
          <Button variant="default" mt="md" onClick={more}>
            {t('action.more')}
          </Button>
        )}
      </Sheet>
    </PrivacyFrame>
  );
}
