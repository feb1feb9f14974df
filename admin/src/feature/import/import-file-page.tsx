import { Alert } from '@mantine/core';
import { History } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import { useSend } from '@/api/send';
import { ImportContactsDocument, ImportPreviewDocument, type ImportMatch, type ImportPolicy, type ImportPreviewQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Refused } from '@/part/form';
import { Page } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { ColumnsStep } from './columns-step';
import { HowStep } from './how-step';
import { fileText, refusalText } from './problem';
import { Steps, type Step } from './steps';
import { ValuesStep } from './values-step';

export type Preview = ImportPreviewQuery['importPreview'];

/** What a value is read as, by its column and the value. */
export type ValueMap = ReadonlyMap<string, string>;
export const valueKey = (column: number, from: string): string => `${column}\n${from}`;

const valuesOf = (map: ValueMap) =>
  [...map].map(([key, to]) => {
    const at = key.indexOf('\n');
    return { column: Number(key.slice(0, at)), from: key.slice(at + 1), to };
  });

/** An uploaded file on its way into the book: what its columns mean, its values, and what to do with it. */
export default function ImportFilePage() {
  const { uploadId = '' } = useParams();
  const [search] = useSearchParams();
  const format = (['GOOGLE', 'OUTLOOK', 'PLAIN'] as const).find((one) => one === search.get('format')) ?? 'AUTO';
  const locale = useLocale();
  const { t, format: say } = locale;
  const [step, setStep] = useState<Step>('columns');
  const [targets, setTargets] = useState<readonly string[] | null>(null);
  const [values, setValues] = useState<ValueMap>(new Map());
  const [{ data, error, fetching }, reload] = useQuery({ query: ImportPreviewDocument, variables: { uploadId, format }, requestPolicy: 'network-only' });
  const first = data?.importPreview;
  useEffect(() => {
    if (!first || targets) return;
    setTargets(first.columns.map((column) => column.target));
    setValues(new Map(first.values.map((value) => [valueKey(value.column, value.from), value.to])));
  }, [first, targets]);

  const mapping = useMemo(() => (targets ?? []).flatMap((target, column) => (target ? [{ column, target }] : [])), [targets]);
  const back = { to: '/import', label: t('nav.import') };
  if (!first || !targets) {
    return (
      <Page title={t('nav.import')} back={back}>
        {error ? <Problem error={error} text={fileText(locale, error)} retry={() => reload({ requestPolicy: 'network-only' })} /> : fetching && <Loading />}
      </Page>
    );
  }
  const cards = first.columns.length === 0;
  return (
    <Page
      title={first.fileName}
      back={back}
      lead={`${t(`import.formatOf.${first.format}`)} · ${first.complete ? `${say.number(first.rows)} ${t('import.values.rows').toLowerCase()}` : t('import.columns.partial', { n: say.number(first.rows) })}`}
    >
      <Steps at={step} />
      {first.remembered && step === 'columns' && (
        <Alert mb="md" icon={<History size={18} aria-hidden />} color="gray">
          {t('import.columns.remembered')}
        </Alert>
      )}
      {step === 'columns' && <ColumnsStep preview={first} targets={targets} onTargets={setTargets} onNext={() => setStep(cards ? 'how' : 'values')} />}
      {step === 'values' && (
        <ValuesStep uploadId={uploadId} format={format} mapping={mapping} values={values} onValues={setValues} onBack={() => setStep('columns')} onNext={() => setStep('how')} />
      )}
      {step === 'how' && <Trial uploadId={uploadId} format={format} mapping={cards ? null : mapping} values={values} onBack={() => setStep(cards ? 'columns' : 'values')} />}
    </Page>
  );
}

interface TrialProps {
  uploadId: string;
  format: 'AUTO' | 'GOOGLE' | 'OUTLOOK' | 'PLAIN';
  mapping: { column: number; target: string }[] | null;
  values: ValueMap;
  onBack: () => void;
}

/** Asks what to do with contacts that are there, and starts the dry run. */
function Trial({ uploadId, format, mapping, values, onBack }: TrialProps) {
  const locale = useLocale();
  const navigate = useNavigate();
  const { send, busy } = useSend(ImportContactsDocument);
  const [refused, setRefused] = useState<string[]>([]);
  const start = async (policy: ImportPolicy, matchBy: ImportMatch[], groupId: string | null) => {
    const payload = await send({
      input: { uploadId, format, groupId, policy, matchBy, dryRun: true, ...(mapping && { mapping, valueMapping: valuesOf(values) }) },
    });
    setRefused((payload?.errors ?? []).map((one) => refusalText(locale, one)));
    if (payload?.run) void navigate(`/import/${payload.run.id}`);
  };
  return (
    <>
      <Refused texts={refused} />
      <HowStep busy={busy} onBack={onBack} onStart={(...how) => void start(...how)} />
    </>
  );
}
