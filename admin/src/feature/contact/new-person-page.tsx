import { Button, Checkbox } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { TwinHint } from '@/feature/duplicate/twin-hint';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { Refused } from '@/part/form';
import { Page, Sheet } from '@/part/page';
import { changeOf, valuesOf, type ContactValues } from './contact-values';
import { GeneralInputs, missingIn } from './general-tab';
import { knownOf, newPerson, nobody, useCreatePerson, type NewPerson } from './new-person';
import { StructureInputs } from './structure-inputs';

/** The full record of somebody new, with what the quick form was told already (S-108). */
export default function NewPersonPage() {
  const locale = useLocale();
  const { t } = locale;
  const { site } = useSession();
  const navigate = useNavigate();
  const brought = useLocation().state as NewPerson | null;
  const [extra, setExtra] = useState(() => brought ?? { ...newPerson(''), account: false });
  const form = useForm<ContactValues>({ initialValues: extra.values });
  const { create, busy, rest } = useCreatePerson();
  const { structure, account } = extra;
  const back = { to: '/contacts', label: t('nav.everyone') };

  const submit = async (values: ContactValues) => {
    // A country that the form chose by itself is no address yet.
    const bare = { ...values.address, country: '', subdivision: '' };
    const own = structure.useAddress || (Object.values(bare).every((part) => part === '') && values.address.country === site.country) ? valuesOf(nobody).address : values.address;
    const told = { ...values, address: own };
    const missing = missingIn(nobody, locale)(valuesOf(nobody), told);
    form.setErrors(missing);
    if (Object.keys(missing).length > 0) return;
    const { id: _, listed: __, ...input } = changeOf('', valuesOf(nobody), told);
    const { contact, fields } = await create(input, extra);
    form.setErrors(fields);
    if (contact) void navigate(`/contacts/${contact.id}`, { replace: true });
  };

  return (
    <Page title={t('contact.add.PERSON')} back={back} width="form">
      <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
        <Refused texts={rest} />
        <TwinHint known={knownOf(form.values)} />
        <GeneralInputs contact={nobody} form={form} follow={null} />
        <Sheet title={t('contact.quick.structure')}>
          <StructureInputs value={structure} error={form.errors['organizationId'] === undefined ? undefined : String(form.errors['organizationId'])} onChange={(value) => setExtra({ ...extra, structure: value })} />
        </Sheet>
        <Sheet title={t('contact.quick.accountTitle')}>
          <Checkbox
            label={t('contact.quick.account')}
            description={t('contact.quick.accountHelp')}
            checked={account}
            onChange={(event) => setExtra({ ...extra, account: event.currentTarget.checked })}
          />
        </Sheet>
        <Button component={Link} to={back.to} variant="default" mr="xs">
          {t('action.cancel')}
        </Button>
        <Button type="submit" loading={busy}>
          {t('action.create')}
        </Button>
      </form>
    </Page>
  );
}
