import { Modal, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { CreateSavedViewDocument, UpdateSavedViewDocument, type CreateSavedViewInput, type ViewFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';

/** What of the list a view keeps. */
export type ViewState = Omit<CreateSavedViewInput, 'name' | 'shared'>;

interface Props {
  opened: boolean;
  /** The view to rename; null to save a new one. */
  view: ViewFullFragment | null;
  state: ViewState | null;
  onClose: () => void;
  onSaved: (id: string) => void;
}

/** Names a view: a new one of what the list shows, or one that exists. */
export function ViewDialog({ opened, view, state, onClose, onSaved }: Props) {
  const { t } = useLocale();
  return (
    <Modal opened={opened} onClose={onClose} title={t(view ? 'contactList.view.rename' : 'contactList.view.saveAs')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {opened && <ViewForm view={view} state={state} onClose={onClose} onSaved={onSaved} />}
    </Modal>
  );
}

function ViewForm({ view, state, onClose, onSaved }: Omit<Props, 'opened'>) {
  const locale = useLocale();
  const { t } = locale;
  const { can } = useSession();
  const create = useSend(CreateSavedViewDocument);
  const update = useSend(UpdateSavedViewDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({ initialValues: { name: view?.name ?? '', shared: view?.shared ?? false } });
  const submit = async (values: typeof form.values) => {
    const payload = view ? await update.send({ input: { id: view.id, name: values.name } }) : await create.send({ input: { ...state, ...values } });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (!payload.savedView) return;
    confirmDone(t('form.saved'));
    onSaved(payload.savedView.id);
    onClose();
  };
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <TextInput label={t('contactList.view.name')} required data-autofocus maxLength={200} {...form.getInputProps('name')} />
        {!view && can('OPERATOR') && (
          <Switch label={t('contactList.view.shared')} description={t('contactList.view.sharedHelp')} {...form.getInputProps('shared', { type: 'checkbox' })} />
        )}
      </Stack>
      <FormButtons busy={create.busy || update.busy} save={t('action.save')} onCancel={onClose} />
    </form>
  );
}
