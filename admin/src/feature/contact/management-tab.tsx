import { TextInput } from '@mantine/core';
import { ContactMoney } from '@/feature/money/contact-money';
import { useSession } from '@/feature/session/session';
import type { ContactFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Row } from '@/part/form';
import { Sheet } from '@/part/page';
import { ContactForm } from './contact-form';
import { ReferenceInputs } from './further-inputs';

/** What a contact has with the site (S-46), and the numbers that accounting, authorities and other systems know it by. */
export function ManagementTab({ contact, accept }: { contact: ContactFullFragment; accept: (contact: ContactFullFragment) => void }) {
  const { t } = useLocale();
  const { can } = useSession();
  return (
    <>
      <ContactMoney contactId={contact.id} />
      <ContactForm contact={contact} accept={accept}>
        {(form) => (
          <>
            <Sheet title={t('contact.tab.management')}>
              <Row>
                <TextInput label={t('contact.field.administrativeNumber')} {...form.getInputProps('administrativeNumber')} />
                <TextInput label={t('contact.field.iban')} description={can('MANAGER') ? undefined : t('contact.ibanMasked')} inputWrapperOrder={['label', 'input', 'description', 'error']} {...form.getInputProps('iban')} />
              </Row>
            </Sheet>
            <Sheet title={t('contact.field.references')} lead={t('contact.referencesHelp')}>
              <ReferenceInputs form={form} />
            </Sheet>
          </>
        )}
      </ContactForm>
    </>
  );
}
