import { Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { UpdateSiteDocument, type LoginProvidersQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Refused, SaveBar, Stack } from '@/part/form';
import { Sheet } from '@/part/page';

interface Values {
  passkeys: boolean;
  passkeyDomain: string;
}

const valuesOf = ({ passkeys, passkeyDomain }: Values): Values => ({ passkeys, passkeyDomain });

/** Whether end users may sign in by passkeys, and for which domain they make them. */
export function PasskeySheet({ site, onChange }: { site: LoginProvidersQuery['site']; onChange: () => void }) {
  const locale = useLocale();
  const { t } = locale;
  const { send, busy } = useSend(UpdateSiteDocument);
  const [before, setBefore] = useState(() => valuesOf(site));
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm<Values>({ initialValues: before });
  const dirty = before.passkeys !== form.values.passkeys || before.passkeyDomain !== form.values.passkeyDomain;
  const take = (values: Values) => {
    setBefore(values);
    form.setValues(values);
    form.clearErrors();
    setRest([]);
  };
  const submit = async (values: Values) => {
    const payload = await send({ input: values });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (!payload.site) return;
    take(valuesOf(payload.site));
    confirmDone(t('form.saved'));
    onChange();
  };
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Sheet title={t('setting.passkey.title')} lead={t('setting.passkey.lead')}>
        <Stack>
          <Switch size="md" label={t('setting.passkey.on')} {...form.getInputProps('passkeys', { type: 'checkbox' })} />
          {form.values.passkeys && (
            <TextInput
              label={t('setting.passkey.domain')}
              description={before.passkeyDomain && before.passkeyDomain !== form.values.passkeyDomain ? t('setting.passkey.change') : t('setting.passkey.domainHelp')}
              placeholder="example.org"
              maw="22rem"
              {...form.getInputProps('passkeyDomain')}
            />
          )}
        </Stack>
      </Sheet>
      <SaveBar dirty={dirty} busy={busy} onReset={() => take(before)} />
    </form>
  );
}
