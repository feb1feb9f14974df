import { Button, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Layers } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { CreateSegmentDocument, SegmentDocument, UpdateSegmentDocument, type SegmentFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { ColorInput } from '@/part/color-input';
import { Refused, Stack } from '@/part/form';
import { Page, Sheet } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { BrokenBanner } from './broken-banner';
import { Preview } from './preview';
import { measure, newGroup, readRule, ruleFilter } from './rule';
import { RuleBuilder } from './rule-builder';
import css from './segment.module.css';

/** Writes a segment's rule while its count follows live: a new segment, or one that exists. */
export default function SegmentEditPage() {
  const { t } = useLocale();
  const { id } = useParams();
  const [{ data, error }, reload] = useQuery({ query: SegmentDocument, variables: { id: id ?? '' }, pause: id === undefined });
  if (id === undefined) return <Editor key="new" segment={null} />;
  if (data?.segment) return <Editor key={id} segment={data.segment} />;
  return (
    <Page title={t('segment.edit')} back={{ to: '/segments', label: t('nav.segments') }}>
      {error ? <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} /> : data ? <Empty icon={Layers} title={t('segment.gone')} /> : <Loading />}
    </Page>
  );
}

function useSave(segment: SegmentFullFragment | null) {
  const create = useSend(CreateSegmentDocument);
  const update = useSend(UpdateSegmentDocument);
  type Values = Parameters<typeof create.send>[0]['input'];
  return {
    busy: create.busy || update.busy,
    save: (input: Values) => (segment ? update.send({ input: { id: segment.id, ...input } }) : create.send({ input })),
  };
}

function Editor({ segment }: { segment: SegmentFullFragment | null }) {
  const locale = useLocale();
  const { t, tn } = locale;
  const navigate = useNavigate();
  const [root, setRoot] = useState(() => (segment ? readRule(segment.rule) : newGroup()));
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({ initialValues: { name: segment?.name ?? '', description: segment?.description ?? '', color: segment?.color ?? '' } });
  const { save, busy } = useSave(segment);
  const filter = useMemo(() => ruleFilter(root), [root]);
  const { incomplete } = measure(root);
  const back = segment ? { to: `/segments/${segment.id}`, label: segment.name } : { to: '/segments', label: t('nav.segments') };

  const submit = async (values: typeof form.values) => {
    const payload = await save({ ...values, rule: filter });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (!payload.segment) return;
    confirmDone(t('form.saved'));
    void navigate(`/segments/${payload.segment.id}`);
  };

  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Page
        title={segment ? t('segment.edit') : t('segment.new')}
        back={back}
        actions={
          <>
            <Button component={Link} to={back.to} variant="default">
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={busy}>
              {segment ? t('action.save') : t('segment.create')}
            </Button>
          </>
        }
      >
        {segment && <BrokenBanner broken={segment.broken} />}
        <Refused texts={rest} />
        <div className={css.editor}>
          <div>
            <Sheet title={t('segment.rule.title')} lead={t('segment.rule.lead')}>
              <RuleBuilder root={root} onChange={setRoot} />
              {incomplete > 0 && <p className={css.hint}>{tn('segment.rule.incomplete', incomplete)}</p>}
            </Sheet>
            <Sheet title={t('segment.about')}>
              <Stack>
                <TextInput label={t('segment.name')} required {...form.getInputProps('name')} />
                <Textarea label={t('segment.description')} autosize minRows={2} maxRows={5} {...form.getInputProps('description')} />
                <ColorInput label={t('segment.color')} {...form.getInputProps('color')} />
              </Stack>
            </Sheet>
          </div>
          <Preview filter={filter} />
        </div>
      </Page>
    </form>
  );
}
