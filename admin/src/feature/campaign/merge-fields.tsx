import { Select } from '@mantine/core';
import { useQuery } from 'urql';
import { MergeFieldsDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';

const personal = ['first_name', 'last_name', 'name', 'title', 'company', 'email', 'city', 'number', 'language', 'site'] as const;
const ofOffer = ['offer.name', 'offer.type', 'offer.product', 'offer.price', 'offer.until'] as const;

interface Props {
  /** Whether a field may be of an offer. */
  offer: boolean;
  /** Takes what stands in the text for a field. */
  onPick: (text: string) => void;
}

/** What of a text may differ from person to person, to pick from: the person's own, the site's questions and the offer. */
export function MergeFields({ offer, onPick }: Props) {
  const { t } = useLocale();
  const [{ data }] = useQuery({ query: MergeFieldsDocument });
  const named = [...personal, ...(offer ? ofOffer : [])].map((code) => ({ value: code as string, label: t(`campaign.field.${code}`) }));
  const own = (data?.customFields ?? []).map(({ label }) => ({ value: `field.${label}`, label }));
  return (
    <Select
      label={t('campaign.insert')}
      description={t('campaign.fields', { example: t('campaign.fieldExample') })}
      placeholder={t('campaign.choose')}
      searchable
      data={[...named, ...own]}
      value={null}
      onChange={(code) => code && onPick(`{{${code}}}`)}
    />
  );
}
