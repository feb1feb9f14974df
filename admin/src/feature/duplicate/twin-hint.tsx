import { Anchor } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { CopyCheck } from 'lucide-react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { PossibleDuplicatesDocument, type PossibleDuplicatesInput } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import css from './duplicate.module.css';

/** Whether enough is known of somebody to look for them: a whole name or an e-mail address. */
const enough = ({ kind, firstName, lastName, name, email }: PossibleDuplicatesInput): boolean =>
  Boolean(kind === 'ORGANIZATION' ? name : firstName && lastName) || /.@./.test(email ?? '');

/** While a form is filled: who of the book is like what is typed (G-24). It stops nobody, and its links leave the form as it is. */
export function TwinHint({ known }: { known: PossibleDuplicatesInput }) {
  const { t } = useLocale();
  // As one text, since the form makes its values anew with each key.
  const [asked] = useDebouncedValue(JSON.stringify(known), 300);
  const input = JSON.parse(asked) as PossibleDuplicatesInput;
  const [{ data }] = useQuery({ query: PossibleDuplicatesDocument, variables: { input }, requestPolicy: 'cache-and-network', pause: !enough(input) });
  const found = enough(known) ? (data?.possibleDuplicates ?? []) : [];
  return (
    <div role="status">
      {found.length > 0 && (
        <p className={css.twins}>
          <CopyCheck size={15} aria-hidden />
          <span>
            {t('duplicate.looksLike')}{' '}
            {found.map(({ contact }, at) => (
              <span key={contact.id}>
                {at > 0 && ', '}
                <Anchor component={Link} to={`/contacts/${contact.id}`} target="_blank" title={t('duplicate.newTab')}>
                  {contact.displayName} [{contact.number}]
                </Anchor>
              </span>
            ))}
          </span>
        </p>
      )}
    </div>
  );
}
