import { Checkbox, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { refusalOf } from '@/api/error';
import { useSend } from '@/api/send';
import { SaveThirdPartyWidgetDocument, type SiteThirdPartiesFragment, type WidgetGrant } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';

/** What a widget of another vendor can be told, as the server orders it. */
export const grants = ['SIGNED_IN', 'FIRST_NAME', 'EMAIL', 'ANSWERS'] as const satisfies readonly WidgetGrant[];

export type ThirdParty = SiteThirdPartiesFragment['thirdPartyWidgets'][number];

interface Props {
  widget: ThirdParty | null;
  onClose: () => void;
  onSaved: () => void;
}

/** Where a widget of another vendor is, what visitors read, and what it is told of them. Its tag stays. */
export function ThirdPartyForm({ widget, onClose, onSaved }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const { send, busy } = useSend(SaveThirdPartyWidgetDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({ initialValues: { tag: widget?.tag ?? '', name: widget?.name ?? '', page: widget?.page ?? '', grants: widget?.grants ?? [] } });
  const submit = async (values: typeof form.values) => {
    const payload = await send({ input: values });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (payload.errors.length === 0) onSaved();
  };
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Stack>
        <TextInput
          label={t('embed.others.tag')}
          description={t('embed.others.tagHelp')}
          placeholder="x-acme-weather"
          required
          disabled={widget !== null}
          data-autofocus
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps('tag')}
        />
        <TextInput label={t('embed.others.name')} description={t('embed.others.nameHelp')} required {...form.getInputProps('name')} />
        <TextInput label={t('embed.others.page')} description={t('embed.others.pageHelp')} placeholder="https://acme.example/weather/" type="url" required {...form.getInputProps('page')} />
        <Checkbox.Group label={t('embed.others.grants')} description={t('embed.others.grantsHelp')} {...form.getInputProps('grants')}>
          <Stack>
            {grants.map((grant) => (
              <Checkbox key={grant} mt="xs" value={grant} label={t(`embed.others.grant.${grant}`)} description={locale.known('embed.others.grantHelp', grant)} />
            ))}
          </Stack>
        </Checkbox.Group>
      </Stack>
      <FormButtons busy={busy} save={t('action.save')} onCancel={onClose} />
    </form>
  );
}
