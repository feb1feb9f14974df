import { Button, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { CampaignChoicesDocument, DeleteTemplateDocument, SaveTemplateDocument, TemplateDocument, type TemplateFullFragment } from '@/gql/graphql';
import type { Language } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { Refused } from '@/part/form';
import { Page, Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { MessageLook } from './message-look';
import { firstRefused, textsInput, textsOf, written, type Texts } from './texts';
import { TextsSheet } from './texts-sheet';
import css from './campaign.module.css';

const back = '/campaigns/templates';

/** A kept text: written, looked at as anybody gets it, and used. */
export default function TemplatePage() {
  const { t } = useLocale();
  const { id = '' } = useParams();
  const fresh = id === 'new';
  const [{ data, error }, reload] = useQuery({ query: TemplateDocument, variables: { id }, pause: fresh, requestPolicy: 'network-only' });
  if (!fresh && !data) {
    return (
      <Page title={t('template.title')} back={{ to: back, label: t('template.title') }}>
        {error ? <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} /> : <Loading />}
      </Page>
    );
  }
  return <Edit key={id} was={data?.campaignTemplate ?? null} />;
}

interface Values { name: string; texts: Texts }

const valuesOf = (template: TemplateFullFragment | null): Values => ({ name: template?.name ?? '', texts: textsOf(template?.texts ?? []) });

function Edit({ was }: { was: TemplateFullFragment | null }) {
  const locale = useLocale();
  const { t } = locale;
  const navigate = useNavigate();
  const confirm = useConfirm();
  const told = useTellErrors();
  const save = useSend(SaveTemplateDocument);
  const remove = useSend(DeleteTemplateDocument);
  const [template, setTemplate] = useState(was);
  const [rest, setRest] = useState<string[]>([]);
  const [as, setAs] = useState('');
  const [offer, setOffer] = useState<string | null>(null);
  const [{ data: choices }] = useQuery({ query: CampaignChoicesDocument });
  const offers = choices?.offers ?? [];
  const form = useForm<Values>({ initialValues: valuesOf(was) });
  const [language, setLanguage] = useState<Language>(() => written(form.values.texts)[0] ?? locale.language);

  const submit = async (values: Values) => {
    const payload = await save.send({ input: { ...(template && { id: template.id, version: template.version }), name: values.name, texts: textsInput(values.texts, 'EMAIL') } });
    if (!payload) return;
    const { fields, rest: others } = refusalOf(locale, payload.errors, values);
    const { texts: none, ...placed } = fields;
    form.setErrors(placed);
    setRest([...others, ...(none ? [none] : [])]);
    setLanguage((now) => firstRefused(placed) ?? now);
    if (payload.errors.length > 0 || !payload.template) return;
    setTemplate(payload.template);
    form.resetDirty();
    confirmDone(t('form.saved'));
    if (!template) void navigate(`${back}/${payload.template.id}`, { replace: true });
  };
  const drop = async () => {
    if (!template || !(await confirm({ title: t('template.deleteTitle'), text: t('template.deleteText', { name: template.name }), yes: t('action.delete'), danger: true }))) return;
    if (told(await remove.send({ input: { id: template.id } }))) void navigate(back);
  };

  return (
    <Page
      title={template?.name ?? t('template.add')}
      back={{ to: back, label: t('template.title') }}
      actions={
        template && (
          <>
            <Button variant="default" onClick={() => void drop()}>
              {t('action.delete')}
            </Button>
            <Button variant="default" component={Link} to={`/campaigns/new?template=${template.id}`}>
              {t('template.use')}
            </Button>
          </>
        )
      }
    >
      <div className={css.halves}>
        <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
          <Refused texts={rest} />
          <Sheet title={t('template.one')}>
            <TextInput label={t('template.name')} required {...form.getInputProps('name')} />
          </Sheet>
          <TextsSheet channel="EMAIL" texts={form.values.texts} language={language} onLanguage={setLanguage} inputProps={form.getInputProps} onText={form.setFieldValue} offer />
          <div className={css.save}>
            <Button type="submit" loading={save.busy} variant={template && !form.isDirty() ? 'default' : 'filled'}>
              {t('action.save')}
            </Button>
          </div>
        </form>
        <MessageLook channel="EMAIL" texts={form.values.texts} language={language} purposeId={null} offerId={offer} as={as} onAs={setAs}>
          {offers.length > 0 && (
            <Select
              mt="sm"
              label={t('campaign.offer')}
              placeholder={t('campaign.noOffer')}
              clearable
              searchable
              data={offers.map(({ id, name, type }) => ({ value: id, label: `${name} (${type})` }))}
              value={offer}
              onChange={setOffer}
            />
          )}
        </MessageLook>
      </div>
    </Page>
  );
}
