import { useEffect } from 'react';
import { useQuery } from 'urql';
import { ContactOffersDocument, type OfferFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { Tag, Tags } from '@/part/tag';

/** What is reserved for a contact (S-42): sort, name, for whom, how many there are, and what the ticket office has to know. */
export function OffersSheet({ id, changes }: { id: string; changes: number }) {
  const { t } = useLocale();
  const [{ data }, refetch] = useQuery({ query: ContactOffersDocument, variables: { id }, requestPolicy: 'cache-and-network' });
  useEffect(() => {
    if (changes > 0) refetch({ requestPolicy: 'network-only' });
  }, [changes, refetch]);
  const offers = data?.contact?.offers;
  if (!offers || offers.length === 0) return null;
  return (
    <Sheet title={t('offer.summary')}>
      {offers.map((offer) => (
        <OneOffer key={offer.id} offer={offer} />
      ))}
    </Sheet>
  );
}

function OneOffer({ offer }: { offer: OfferFullFragment }) {
  const { t, format } = useLocale();
  return (
    <div style={{ marginBottom: '0.6rem', overflowWrap: 'anywhere' }}>
      <strong>{offer.name}</strong>{' '}
      <Tags>
        <Tag tone="accent">{offer.type}</Tag>
        <Tag>{(offer.segment ?? offer.group)?.name}</Tag>
        {offer.left !== null && <Tag tone={offer.left === 0 ? 'warn' : 'plain'}>{t('sale.left', { n: format.number(offer.left) })}</Tag>}
        {offer.endsOn && <Tag>{t('offer.until', { day: format.day(offer.endsOn) })}</Tag>}
      </Tags>
      {offer.information && <div className="dim">{offer.information}</div>}
    </div>
  );
}
