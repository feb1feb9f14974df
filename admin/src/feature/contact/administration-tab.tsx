import { Switch, TextInput } from '@mantine/core';
import type { ContactFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { ColorInput } from '@/part/color-input';
import { Stack } from '@/part/form';
import { Sheet } from '@/part/page';
import { ContactForm } from './contact-form';
import { Entries } from './entries';
import { HistoryTab } from './history-tab';

interface Props {
  contact: ContactFullFragment;
  accept: (contact: ContactFullFragment) => void;
  changes: number;
}

/** When the record was made and changed, until when it is valid, and its history (S-48, S-80). */
export function AdministrationTab({ contact, accept, changes }: Props) {
  const { t, format } = useLocale();
  return (
    <>
      <Sheet title={t('contact.summary.record')}>
        <Entries
          entries={[
            [t('contact.field.createdAt'), <time key="created" dateTime={contact.createdAt}>{format.moment(contact.createdAt)}</time>],
            [t('contact.field.updatedAt'), <time key="updated" dateTime={contact.updatedAt}>{format.moment(contact.updatedAt)}</time>],
            [t('contact.field.source'), t(`contact.source.${contact.source}`)],
          ]}
        />
      </Sheet>
      <ContactForm contact={contact} accept={accept}>
        {(form) => (
          <Sheet title={t('contact.general.book')}>
            <Stack>
              <TextInput type="date" label={t('contact.field.validUntil')} description={t('contact.validUntilHelp')} {...form.getInputProps('validUntil')} />
              <Switch label={t('contact.field.listed')} description={t('contact.field.listedHelp')} {...form.getInputProps('listed', { type: 'checkbox' })} />
              <ColorInput label={t('contact.field.color')} {...form.getInputProps('color')} />
            </Stack>
          </Sheet>
        )}
      </ContactForm>
      <HistoryTab id={contact.id} kind={contact.kind} changes={changes} frozen={contact.deletedAt !== null} />
    </>
  );
}
