import { Checkbox, Drawer, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { CreateAffiliationDocument, CreateRelayDocument, LinkTypesDocument, UpdateAffiliationDocument, type ContactKind, type LinkFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Row, Stack } from '@/part/form';
import { ContactPicker } from './contact-picker';
import { linkChoices, linkText, seenFrom } from './link-words';

interface Whose {
  id: string;
  kind: ContactKind;
  displayName: string;
}

/** What the drawer is open for. */
export type LinkTask = { do: 'add' } | { do: 'relay' } | { do: 'edit'; link: LinkFullFragment };

interface Props {
  contact: Whose;
  task: LinkTask | null;
  onClose: () => void;
  onDone: () => void;
}

/** The drawer that links a contact, changes a link, or adds a new person as relay (S-88). */
export function LinkDrawer({ contact, task, onClose, onDone }: Props) {
  const { t } = useLocale();
  const titles = { add: t('link.add'), relay: t('link.newRelay'), edit: t('link.edit') };
  return (
    <Drawer opened={task !== null} onClose={onClose} title={task ? titles[task.do] : ''} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {task?.do === 'relay' && <RelayForm contact={contact} onClose={onClose} onDone={onDone} />}
      {task && task.do !== 'relay' && <LinkForm contact={contact} link={task.do === 'edit' ? task.link : null} onClose={onClose} onDone={onDone} />}
    </Drawer>
  );
}

interface FormProps {
  contact: Whose;
  onClose: () => void;
  onDone: () => void;
}

/** Adds a link, or changes what is said of one. */
function LinkForm({ contact, link, onClose, onDone }: FormProps & { link: LinkFullFragment | null }) {
  const locale = useLocale();
  const { t } = locale;
  const [{ data }] = useQuery({ query: LinkTypesDocument });
  const create = useSend(CreateAffiliationDocument);
  const update = useSend(UpdateAffiliationDocument);
  const [rest, setRest] = useState<string[]>([]);
  const choices = linkChoices(data?.linkTypes ?? [], contact.kind);
  const form = useForm({
    initialValues: {
      choice: '',
      other: '',
      role: link?.role ?? '',
      since: link?.since ?? '',
      until: link?.until ?? '',
      workEmail: link?.workEmail ?? '',
      workPhone: link?.workPhone ?? '',
    },
  });
  const choice = choices.find((one) => one.key === form.values.choice) ?? null;

  const submit = async ({ choice: _, other, since, until, ...said }: typeof form.values) => {
    const input = { ...said, since: since || null, until: until || null };
    if (!link && !(choice && other)) {
      form.setErrors({ ...(!choice && { choice: t('error.REQUIRED') }), ...(!other && { other: t('error.REQUIRED') }) });
      return;
    }
    const payload = link
      ? await update.send({ input: { id: link.id, ...input } })
      : choice && (await create.send({ input: { ...input, typeId: choice.type.id, fromId: choice.end === 'from' ? contact.id : other, toId: choice.end === 'from' ? other : contact.id } }));
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, form.values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (!payload.affiliation) return;
    confirmDone(t('form.saved'));
    onDone();
    onClose();
  };

  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        {link ? (
          <strong>
            {linkText(link.type, seenFrom(link, contact.id).end, locale)} {seenFrom(link, contact.id).other.displayName}
          </strong>
        ) : (
          <>
            <Select
              label={t('link.type')}
              required
              data-autofocus
              data={choices.map((one) => ({ value: one.key, label: linkText(one.type, one.end, locale) }))}
              {...form.getInputProps('choice')}
              onChange={(key) => form.setValues({ choice: key ?? '', other: '' })}
            />
            <ContactPicker
              key={form.values.choice}
              label={t('link.other')}
              kind={choice?.other ?? null}
              except={contact.id}
              value={form.values.other}
              error={form.errors['other'] ? String(form.errors['other']) : undefined}
              onChange={(id) => form.setFieldValue('other', id)}
            />
          </>
        )}
        <TextInput label={t('link.role')} description={t('link.roleHelp')} {...form.getInputProps('role')} />
        <Row>
          <TextInput label={t('link.since')} type="date" {...form.getInputProps('since')} />
          <TextInput label={t('link.until')} type="date" {...form.getInputProps('until')} />
        </Row>
        <TextInput label={t('link.workEmail')} type="email" {...form.getInputProps('workEmail')} />
        <TextInput label={t('link.workPhone')} type="tel" {...form.getInputProps('workPhone')} />
      </Stack>
      <FormButtons busy={create.busy || update.busy} save={link ? t('action.save') : t('link.add')} onCancel={onClose} />
    </form>
  );
}

/** Adds a person who is the relay of an organization, in one step. */
function RelayForm({ contact, onClose, onDone }: FormProps) {
  const locale = useLocale();
  const { t } = locale;
  const { send, busy } = useSend(CreateRelayDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({ initialValues: { person: { firstName: '', lastName: '', email: '', mobile: '' }, role: '', useAddress: true } });

  const submit = async (values: typeof form.values) => {
    const payload = await send({ input: { organizationId: contact.id, ...values } });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (!payload.person) return;
    confirmDone(t('contact.added', { name: payload.person.displayName }));
    onDone();
    onClose();
  };

  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <Row>
          <TextInput label={t('contact.field.firstName')} data-autofocus {...form.getInputProps('person.firstName')} />
          <TextInput label={t('contact.field.lastName')} {...form.getInputProps('person.lastName')} />
        </Row>
        <TextInput label={t('contact.field.email')} type="email" {...form.getInputProps('person.email')} />
        <TextInput label={t('contact.field.mobile')} type="tel" {...form.getInputProps('person.mobile')} />
        <TextInput label={t('link.role')} description={t('link.roleHelp')} {...form.getInputProps('role')} />
        <Checkbox label={t('link.useAddress', { name: contact.displayName })} {...form.getInputProps('useAddress', { type: 'checkbox' })} />
      </Stack>
      <FormButtons busy={busy} save={t('action.create')} onCancel={onClose} />
    </form>
  );
}
