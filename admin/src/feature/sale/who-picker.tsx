import { Anchor, Button, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { X } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useNavigate } from 'react-router';
import { useQuery } from 'urql';
import { suggestionText } from '@/feature/contact/suggestion';
import { QuickSearchDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import type { Place, Who } from './cart';
import { useCart } from './use-cart';
import css from './sale.module.css';

const QuickAdd = lazy(async () => ({ default: (await import('@/feature/contact/quick-add')).QuickAdd }));

/** The option that begins a new contact; no id is like it. */
const create = 'new';

interface Props {
  label: string;
  place: Place;
  who: Who | null;
  onPick: (who: Who | null) => void;
}

/** Somebody on the sale: found while one types (S-90), put there at once (S-91), looked for in the book (S-92), or new (P-27). */
export function WhoPicker({ label, place, who, onPick }: Props) {
  const { t } = useLocale();
  const { update } = useCart();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const [adding, setAdding] = useState<string | null>(null);
  const [text] = useDebouncedValue(typed.trim(), 120);
  const [{ data }] = useQuery({ query: QuickSearchDocument, variables: { text }, pause: text === '' });
  if (who) {
    return (
      <div className={css.who}>
        <span className={css.whoLabel}>{label}</span>
        <Anchor href={`/admin/contacts/${who.id}`} target="_blank">
          {who.name}
        </Anchor>
        <Button variant="subtle" color="gray" size="compact-sm" leftSection={<X size={14} aria-hidden />} onClick={() => onPick(null)} aria-label={t('sale.takeOff', { name: who.name })}>
          {t('sale.change')}
        </Button>
      </div>
    );
  }
  const found = typed.trim() === '' ? [] : (data?.contactSuggestions ?? []);
  const options = [
    ...found.map((contact) => ({ value: contact.id, label: suggestionText(contact) })),
    ...(typed.trim() === '' ? [] : [{ value: create, label: t('nav.createContact') }]),
  ];
  const advanced = () => {
    update((cart) => ({ ...cart, picking: place }));
    void navigate('/contacts');
  };
  return (
    <div>
      <Select
        label={label}
        searchable
        placeholder={t('link.typeName')}
        nothingFoundMessage={t('link.typeName')}
        data={options}
        filter={({ options: all }) => all} // the server has matched already
        searchValue={typed}
        onSearchChange={setTyped}
        value={null}
        onChange={(id) => {
          const contact = found.find((one) => one.id === id);
          if (contact) onPick({ id: contact.id, name: contact.displayName });
          else if (id === create) setAdding(typed.trim());
          setTyped('');
        }}
      />
      <Button variant="subtle" size="compact-sm" mt={4} onClick={advanced}>
        {t('sale.advanced')}
      </Button>
      {adding !== null && (
        <Suspense>
          <QuickAdd kind="PERSON" name={adding} onClose={() => setAdding(null)} onAdded={() => {}} onMade={(contact) => onPick({ id: contact.id, name: contact.displayName })} />
        </Suspense>
      )}
    </div>
  );
}
