import { ActionIcon, Button, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Plus, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { SettingsDocument, UpdateSiteDocument, type SiteSettingsFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Refused, SaveBar } from '@/part/form';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { SettingsFrame } from './settings-frame';
import css from './origins-page.module.css';

interface Values {
  origins: { origin: string; landingUrl: string; staff: boolean }[];
}

const valuesOf = (site: SiteSettingsFragment): Values => ({
  origins: site.origins.map(({ origin, landingUrl, staff }) => ({ origin, landingUrl, staff })),
});

/** The exact origins whose pages may embed the widgets. */
export default function OriginsPage() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: SettingsDocument });
  return (
    <SettingsFrame title={t('setting.tab.origins')}>
      {data ? <OriginsForm site={data.site} /> : error ? <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} /> : <Loading />}
    </SettingsFrame>
  );
}

function OriginsForm({ site }: { site: SiteSettingsFragment }) {
  const locale = useLocale();
  const { t } = locale;
  const { can } = useSession();
  const { send, busy } = useSend(UpdateSiteDocument);
  const [before, setBefore] = useState(() => valuesOf(site));
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm<Values>({ initialValues: before });
  const dirty = JSON.stringify(before) !== JSON.stringify(form.values);
  const take = (values: Values) => {
    setBefore(values);
    form.setValues(values);
    form.clearErrors();
    setRest([]);
  };
  useEffect(() => {
    if (!dirty) take(valuesOf(site));
  }, [site]);

  const submit = async (values: Values) => {
    const origins = values.origins.map(({ origin, landingUrl, staff }) => ({ origin: origin.trim(), landingUrl: landingUrl.trim() || null, staff }));
    const payload = await send({ input: { origins } });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    // A refusal of an entry as a whole is shown at its origin.
    const fields = Object.entries(refusal.fields).map(([path, text]) => [/^origins\.\d+$/.test(path) ? `${path}.origin` : path, text]);
    form.setErrors(Object.fromEntries(fields));
    setRest(refusal.fields['origins'] ? [...refusal.rest, refusal.fields['origins']] : refusal.rest);
    if (payload.site) {
      take(valuesOf(payload.site));
      confirmDone(t('form.saved'));
    }
  };

  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Refused texts={rest} />
      <Sheet title={t('setting.origins.title')} lead={t('setting.origins.lead')}>
        <div className={css.list}>
          {form.values.origins.map((_, index) => (
            <div key={index} className={css.row} role="group" aria-label={t('setting.origins.one', { n: index + 1 })}>
              <TextInput label={t('setting.origins.origin')} placeholder="https://www.example.org" type="url" {...form.getInputProps(`origins.${index}.origin`)} />
              <TextInput label={t('setting.origins.landing')} placeholder="https://www.example.org/" type="url" {...form.getInputProps(`origins.${index}.landingUrl`)} />
              <ActionIcon size={36} className={css.remove} onClick={() => form.removeListItem('origins', index)} aria-label={t('setting.origins.remove', { n: index + 1 })}>
                <X size={16} aria-hidden />
              </ActionIcon>
              <Switch
                className={css.staff}
                label={t('setting.origins.staff')}
                description={t('setting.origins.staffHelp')}
                disabled={!can('OWNER')}
                {...form.getInputProps(`origins.${index}.staff`, { type: 'checkbox' })}
              />
            </div>
          ))}
        </div>
        {form.values.origins.length === 0 && <p className={css.none}>{t('setting.origins.none')}</p>}
        <Button variant="default" leftSection={<Plus size={15} aria-hidden />} onClick={() => form.insertListItem('origins', { origin: '', landingUrl: '', staff: false })}>
          {t('setting.origins.add')}
        </Button>
      </Sheet>
      <SaveBar dirty={dirty} busy={busy} onReset={() => take(before)} />
    </form>
  );
}
