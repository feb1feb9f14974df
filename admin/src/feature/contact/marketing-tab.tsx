import { Switch } from '@mantine/core';
import { MailingBlock } from '@/feature/campaign/mailing-block';
import { LabelBlock } from '@/feature/label/label-block';
import type { ContactFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { ConsentBlock } from './consent-block';
import { ContactForm } from './contact-form';
import { GroupsTab } from './groups-tab';
import { MeansSheet } from './means-sheet';

interface Props {
  contact: ContactFullFragment;
  accept: (contact: ContactFullFragment) => void;
  changes: number;
}

/** How one speaks to a contact: by which means (S-45), its labels and groups, what it agreed to and what it was sent, and whether it brings others (G-08). */
export function MarketingTab({ contact, accept, changes }: Props) {
  const { t } = useLocale();
  return (
    <>
      <ContactForm contact={contact} accept={accept}>
        {(form) => (
          <>
            <MeansSheet id={contact.id} changes={changes} form={form} />
            <Sheet title={t('contact.field.ambassador')}>
              <Switch label={t('contact.ambassadorHelp')} {...form.getInputProps('ambassador', { type: 'checkbox' })} />
            </Sheet>
          </>
        )}
      </ContactForm>
      <LabelBlock id={contact.id} changes={changes} />
      <GroupsTab contact={contact} accept={accept} />
      <ConsentBlock id={contact.id} changes={changes} />
      <MailingBlock id={contact.id} changes={changes} />
    </>
  );
}
