import { Alert, Button } from '@mantine/core';
import { useForm, type FormErrors, type UseFormReturnType } from '@mantine/form';
import { RefreshCw } from 'lucide-react';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { UpdateContactDocument, type ContactFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Refused, SaveBar } from '@/part/form';
import { changeOf, valuesOf, type ContactValues } from './contact-values';

/** The form of a contact's own values. */
export type ContactFormOf = UseFormReturnType<ContactValues>;

interface Props {
  contact: ContactFullFragment;
  accept: (contact: ContactFullFragment) => void;
  /** What must be mended before it is sent, by path. */
  check?: (before: ContactValues, values: ContactValues) => FormErrors;
  children: (form: ContactFormOf) => ReactNode;
}

/** A tab's part of the record, to edit. Sends only what changed, so that two people can edit at once. */
export function ContactForm({ contact, accept, check, children }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const { can } = useSession();
  const { send, busy } = useSend(UpdateContactDocument);
  const [before, setBefore] = useState(() => valuesOf(contact));
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm<ContactValues>({ initialValues: before });
  const dirty = JSON.stringify(form.values) !== JSON.stringify(before);

  const take = (next: ContactFullFragment) => {
    const values = valuesOf(next);
    setBefore(values);
    form.setValues(values);
    form.clearErrors();
    setRest([]);
  };
  // Somebody else's change goes straight into a form that nobody has touched; else it is announced.
  const current = useMemo(() => valuesOf(contact), [contact]);
  const behind = JSON.stringify(current) !== JSON.stringify(before);
  useEffect(() => {
    if (behind && !dirty) take(contact);
    // Only a new contact can make the form be behind.
  }, [contact]);

  const submit = async (values: ContactValues) => {
    const missing = check?.(before, values) ?? {};
    form.setErrors(missing);
    if (Object.keys(missing).length > 0) return;
    const payload = await send({ input: changeOf(contact.id, before, values) });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (payload.contact) {
      accept(payload.contact);
      take(payload.contact);
      confirmDone(t('form.saved'));
    }
  };

  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      {behind && dirty && (
        <Alert color="pine" mb="md" icon={<RefreshCw size={16} aria-hidden />} role="status">
          {t('contact.changedElsewhere')}{' '}
          <Button size="compact-sm" variant="subtle" onClick={() => take(contact)}>
            {t('contact.loadChange')}
          </Button>
        </Alert>
      )}
      <fieldset disabled={!can('OPERATOR')} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
        {children(form)}
      </fieldset>
      <SaveBar
        dirty={dirty}
        busy={busy}
        onReset={() => {
          form.setValues(before);
          form.clearErrors();
        }}
      />
    </form>
  );
}
