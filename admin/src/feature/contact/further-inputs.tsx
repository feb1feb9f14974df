import { TextInput } from '@mantine/core';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { PhoneInput } from '@/part/phone-input';
import type { ContactFormOf } from './contact-form';
import { RowsEditor } from './rows-editor';

// The server's limits of a record's lists.
const mostWays = 10;
const mostSeats = 20;
const mostReferences = 20;

const errorAt = (form: ContactFormOf, path: string): string | undefined => (form.errors[path] === undefined ? undefined : String(form.errors[path]));

/** Further e-mail addresses, each with what it is for. */
export function FurtherEmails({ form }: { form: ContactFormOf }) {
  const { t } = useLocale();
  return (
    <RowsEditor
      label={t('contact.field.otherEmails')}
      add={t('contact.addEmail')}
      most={mostWays}
      rows={form.values.otherEmails}
      blank={{ label: '', value: '' }}
      onChange={(change) => form.setFieldValue('otherEmails', change)}
    >
      {(row, index, change) => (
        <>
          <TextInput label={t('contact.wayFor')} value={row.label} error={errorAt(form, `otherEmails.${index}.label`)} onChange={(event) => change({ label: event.currentTarget.value })} />
          <TextInput
            type="email"
            label={t('contact.otherEmail', { n: index + 1 })}
            value={row.value}
            error={errorAt(form, `otherEmails.${index}.value`)}
            onChange={(event) => change({ value: event.currentTarget.value })}
          />
        </>
      )}
    </RowsEditor>
  );
}

/** Further numbers with their country's prefix, each with what it is for (S-33). */
export function FurtherPhones({ form }: { form: ContactFormOf }) {
  const { t } = useLocale();
  const { site } = useSession();
  return (
    <RowsEditor
      label={t('contact.field.otherPhones')}
      add={t('contact.addPhone')}
      most={mostWays}
      rows={form.values.otherPhones}
      blank={{ label: '', value: '' }}
      onChange={(change) => form.setFieldValue('otherPhones', change)}
    >
      {(row, index, change) => (
        <>
          <TextInput label={t('contact.wayFor')} value={row.label} error={errorAt(form, `otherPhones.${index}.label`)} onChange={(event) => change({ label: event.currentTarget.value })} />
          <PhoneInput
            label={t('contact.otherPhone', { n: index + 1 })}
            country={form.values.address.country || site.country}
            value={row.value}
            error={errorAt(form, `otherPhones.${index}.value`)}
            onChange={(value) => change({ value })}
          />
        </>
      )}
    </RowsEditor>
  );
}

const seatParts = ['venue', 'zone', 'row', 'seat', 'note'] as const;

/** The places a contact prefers, by venue: a season ticket is placed there (S-52). */
export function SeatInputs({ form }: { form: ContactFormOf }) {
  const { t } = useLocale();
  return (
    <RowsEditor
      label={t('contact.field.seats')}
      add={t('contact.addSeat')}
      most={mostSeats}
      rows={form.values.seats}
      blank={{ venue: '', zone: '', row: '', seat: '', note: '' }}
      onChange={(change) => form.setFieldValue('seats', change)}
    >
      {(row, index, change) =>
        seatParts.map((part) => (
          <TextInput
            key={part}
            label={t(`contact.seat.${part}`)}
            required={part === 'venue'}
            value={row[part] ?? ''}
            error={errorAt(form, `seats.${index}.${part}`)}
            onChange={(event) => change({ [part]: event.currentTarget.value })}
          />
        ))
      }
    </RowsEditor>
  );
}

/** The numbers that other systems know a contact by, for example a licence (S-77, G-10). */
export function ReferenceInputs({ form }: { form: ContactFormOf }) {
  const { t } = useLocale();
  return (
    <RowsEditor
      label={t('contact.field.references')}
      add={t('contact.addReference')}
      most={mostReferences}
      rows={form.values.references}
      blank={{ source: '', externalId: '' }}
      onChange={(change) => form.setFieldValue('references', change)}
    >
      {(row, index, change) => (
        <>
          <TextInput label={t('contact.reference.source')} value={row.source} error={errorAt(form, `references.${index}.source`)} onChange={(event) => change({ source: event.currentTarget.value })} />
          <TextInput
            label={t('contact.reference.externalId')}
            value={row.externalId}
            error={errorAt(form, `references.${index}.externalId`) ?? errorAt(form, `references.${index}`)}
            onChange={(event) => change({ externalId: event.currentTarget.value })}
          />
        </>
      )}
    </RowsEditor>
  );
}
