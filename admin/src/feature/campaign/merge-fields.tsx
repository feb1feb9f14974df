import { Button, Menu } from '@mantine/core';
import { Braces } from 'lucide-react';
import { useQuery } from 'urql';
import { MergeFieldsDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import css from './campaign.module.css';

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
  const item = (code: string, label: string) => (
    <Menu.Item key={code} onClick={() => onPick(`{{${code}}}`)}>
      {label}
    </Menu.Item>
  );
  return (
    <div>
      <Menu position="bottom-start" returnFocus={false}>
        <Menu.Target>
          <Button variant="default" size="xs" leftSection={<Braces size={14} aria-hidden />}>
            {t('campaign.insert')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown className={css.merge}>
          {personal.map((code) => item(code, t(`campaign.field.${code}`)))}
          {data?.customFields.map(({ label }) => item(`field.${label}`, label))}
          {offer && ofOffer.map((code) => item(code, t(`campaign.field.${code}`)))}
        </Menu.Dropdown>
      </Menu>
      <p className={css.fields}>{t('campaign.fields', { example: t('campaign.fieldExample') })}</p>
    </div>
  );
}
