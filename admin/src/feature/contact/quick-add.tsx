import { Button, Drawer, MultiSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { TwinHint } from '@/feature/duplicate/twin-hint';
import { CreateOrganizationDocument, GroupNamesDocument, type ContactKind } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Row, Stack } from '@/part/form';
import { OptionalSelect } from '@/part/optional-select';
import { organizationKinds, type OrganizationKindValue } from './contact-values';
import { QuickPerson, type Made } from './quick-person';

interface Props {
  /** What to add; null while closed. */
  kind: ContactKind | null;
  /** What was searched for and not found: the surname to begin with. */
  name?: string;
  onClose: () => void;
  onAdded: () => void;
  /** Takes a person who was made here; without it, the person's page opens. */
  onMade?: Made;
}

/** The quick form at the side: the few things one knows of somebody new. */
export function QuickAdd({ kind, name = '', onClose, onAdded, onMade }: Props) {
  const { t } = useLocale();
  return (
    <Drawer opened={kind !== null} onClose={onClose} size="lg" title={kind ? t(`contact.add.${kind}`) : ''} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {kind === 'PERSON' && <QuickPerson name={name} onClose={onClose} onAdded={onAdded} onMade={onMade} />}
      {kind === 'ORGANIZATION' && <QuickOrganization onClose={onClose} onAdded={onAdded} />}
    </Drawer>
  );
}

const blank = {
  name: '',
  organizationKind: '' as OrganizationKindValue,
  email: '',
  mobile: '',
  address: { city: '' },
  groupIds: [] as string[],
};

/** The quick form for an organization. */
function QuickOrganization({ onClose, onAdded }: Pick<Props, 'onClose' | 'onAdded'>) {
  const locale = useLocale();
  const { t } = locale;
  const navigate = useNavigate();
  const { send, busy } = useSend(CreateOrganizationDocument);
  const [{ data }] = useQuery({ query: GroupNamesDocument });
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({ initialValues: blank });

  const submit = async (values: typeof blank, another: boolean) => {
    const payload = await send({ input: { ...values, organizationKind: values.organizationKind || null } });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (!payload.organization) return;
    confirmDone(t('contact.added', { name: payload.organization.displayName }));
    onAdded();
    if (another) form.reset();
    else {
      onClose();
      void navigate(`/contacts/${payload.organization.id}`);
    }
  };

  return (
    <form onSubmit={form.onSubmit((values) => void submit(values, false))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <TextInput label={t('contact.field.name')} required data-autofocus {...form.getInputProps('name')} />
        <OptionalSelect
          label={t('contact.field.organizationKind')}
          data={organizationKinds.map((value) => ({ value, label: t(`contact.organizationKind.${value}`) }))}
          {...form.getInputProps('organizationKind')}
        />
        <TextInput label={t('contact.field.email')} type="email" inputMode="email" {...form.getInputProps('email')} />
        <Row>
          <TextInput label={t('contact.field.mobile')} type="tel" {...form.getInputProps('mobile')} />
          <TextInput label={t('contact.field.city')} {...form.getInputProps('address.city')} />
        </Row>
        <TwinHint known={{ kind: 'ORGANIZATION', name: form.values.name, email: form.values.email, mobile: form.values.mobile, city: form.values.address.city }} />
        <MultiSelect
          label={t('contact.field.groups')}
          placeholder={form.values.groupIds.length === 0 ? t('contact.chooseGroups') : ''}
          data={(data?.groups ?? []).map((group) => ({ value: group.id, label: group.name }))}
          searchable
          {...form.getInputProps('groupIds')}
        />
      </Stack>
      <FormButtons busy={busy} save={t('action.create')} onCancel={onClose}>
        <Button variant="default" disabled={busy} onClick={() => void submit(form.values, true)}>
          {t('contact.addAnother')}
        </Button>
      </FormButtons>
    </form>
  );
}
