import { Modal } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Plus, Search } from 'lucide-react';
import { lazy, Suspense, useEffect, useId, useState, type KeyboardEvent } from 'react';
import { useNavigate } from 'react-router';
import { useQuery } from 'urql';
import { suggestionText, type Suggestion } from '@/feature/contact/suggestion';
import { useSession } from '@/feature/session/session';
import { QuickSearchDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Avatar } from '@/part/avatar';
import { navParts, type NavItem } from './nav-items';
import css from './quick-search.module.css';

// The form comes when somebody is to be created: every page has this box.
const QuickAdd = lazy(async () => ({ default: (await import('@/feature/contact/quick-add')).QuickAdd }));

type Hit = { key: string } & ({ to: string; contact: Suggestion } | { to: string; page: NavItem } | { create: string });

/** Finds a contact or a page from anywhere, or begins a new contact (S-98): Ctrl K, or / where a page has no search box. */
export function QuickSearch({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useLocale();
  const [adding, setAdding] = useState<string | null>(null);
  return (
    <>
      <Modal.Root opened={opened} onClose={onClose} padding={0} size="lg" yOffset="12vh" centered={false}>
        <Modal.Overlay />
        <Modal.Content aria-label={t('nav.search')}>
          <SearchBox onClose={onClose} onCreate={setAdding} />
        </Modal.Content>
      </Modal.Root>
      {adding !== null && (
        <Suspense>
          <QuickAdd kind="PERSON" name={adding} onClose={() => setAdding(null)} onAdded={() => {}} />
        </Suspense>
      )}
    </>
  );
}

function useHits(typed: string): Hit[] {
  const { t } = useLocale();
  const session = useSession();
  const [text] = useDebouncedValue(typed.trim(), 120);
  const [{ data }] = useQuery({ query: QuickSearchDocument, variables: { text }, pause: text === '' || !session.site.contactManagement });
  const wanted = typed.trim().toLocaleLowerCase();
  const contacts = wanted === '' ? [] : (data?.contactSuggestions ?? []);
  const mayCreate = wanted !== '' && session.site.contactManagement && session.can('OPERATOR');
  const pages = navParts(session)
    .flatMap((part) => part.items)
    .filter((item) => t(item.text).toLocaleLowerCase().includes(wanted));
  return [
    ...contacts.map((contact) => ({ key: contact.id, to: `/contacts/${contact.id}`, contact })),
    ...pages.map((page) => ({ key: page.to, to: page.to, page })),
    ...(mayCreate ? [{ key: 'create', create: typed.trim() }] : []),
  ];
}

function SearchBox({ onClose, onCreate }: { onClose: () => void; onCreate: (name: string) => void }) {
  const { t } = useLocale();
  const navigate = useNavigate();
  const id = useId();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const hits = useHits(typed);
  useEffect(() => setAt(0), [typed]);

  const go = (hit: Hit | undefined) => {
    if (!hit) return;
    onClose();
    if ('create' in hit) onCreate(hit.create);
    else void navigate(hit.to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && hits.length > 0) {
      event.preventDefault();
      setAt((at + step + hits.length) % hits.length);
    } else if (event.key === 'Enter') go(hits[at]);
  };

  return (
    <div>
      <div className={css.line}>
        <Search size={18} aria-hidden />
        <input
          data-autofocus
          className={css.input}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          placeholder={t('nav.searchHint')}
          aria-label={t('nav.search')}
          role="combobox"
          aria-expanded
          aria-autocomplete="list"
          aria-controls={`${id}-list`}
          aria-activedescendant={hits[at] ? `${id}-${at}` : undefined}
          autoComplete="off"
          spellCheck={false}
        />
      </div>
      <div id={`${id}-list`} role="listbox" aria-label={t('nav.searchResults')} className={css.list}>
        {hits.map((hit, index) => (
          <div
            key={hit.key}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            className={css.hit}
            onMouseMove={() => setAt(index)}
            onClick={() => go(hit)}
          >
            {'contact' in hit ? (
              <>
                <Avatar name={hit.contact.displayName} kind={hit.contact.kind} color={hit.contact.color} size={26} />
                <span className={css.name}>{suggestionText(hit.contact)}</span>
              </>
            ) : 'create' in hit ? (
              <>
                <span className={css.pageIcon}>
                  <Plus size={16} strokeWidth={1.75} aria-hidden />
                </span>
                <span className={css.name}>{t('nav.createContact')}</span>
              </>
            ) : (
              <>
                <span className={css.pageIcon}>
                  <hit.page.icon size={16} strokeWidth={1.75} aria-hidden />
                </span>
                <span className={css.name}>{t(hit.page.text)}</span>
                <span className={css.detail}>{t('nav.page')}</span>
              </>
            )}
          </div>
        ))}
      </div>
      {hits.length === 0 && (
        <p className={css.none} role="status">
          {t('nav.searchNone')}
        </p>
      )}
    </div>
  );
}
