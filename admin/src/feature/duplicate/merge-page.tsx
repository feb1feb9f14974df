import { Alert, Button, Radio } from '@mantine/core';
import { ArrowRight, Merge, TriangleAlert } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useQuery } from 'urql';
import { textOf } from '@/api/error';
import { changesOf } from '@/feature/contact/history';
import { useFields } from '@/feature/field/use-fields';
import { GroupNamesDocument, MergePreviewDocument, type DuplicateSideFragment, type MendFragment, type MergePreviewQuery } from '@/gql/graphql';
import { useLocale, type Locale } from '@/locale/locale';
import { Page, Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { choicesOf, defaultsOf, takesOf, type Choice, type From } from './choices';
import { Side } from './side';
import { useMerge } from './use-merge';
import css from './duplicate.module.css';

type Preview = MergePreviewQuery['mergePreview'];

/** Two contacts side by side: what the one that they become has, attribute by attribute. */
export default function MergePage() {
  const { t } = useLocale();
  const { left = '', right = '' } = useParams();
  const ids = useMemo(() => [left, right], [left, right]);
  const [{ data, error }, reload] = useQuery({ query: MergePreviewDocument, variables: { input: { ids } }, requestPolicy: 'network-only' });
  const preview = data?.mergePreview;
  return (
    <Page title={t('duplicate.mergeTitle')} lead={t('duplicate.mergeLead')} back={{ to: '/duplicates', label: t('nav.duplicates') }}>
      {error && !preview ? (
        <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
      ) : !preview ? (
        <Loading lines={10} />
      ) : (
        <Compare key={ids.join(' ')} ids={ids} first={preview} />
      )}
    </Page>
  );
}

/** What differs, in words. */
function useChoices(preview: Preview): Choice[] {
  const locale = useLocale();
  const { byId } = useFields();
  const [{ data }] = useQuery({ query: GroupNamesDocument, requestPolicy: 'cache-first' });
  return useMemo(
    () => choicesOf(changesOf(preview.differences, locale, byId, data?.groups ?? []), locale.t('contact.field.address')),
    [preview.differences, locale, byId, data],
  );
}

function Compare({ ids, first }: { ids: string[]; first: Preview }) {
  const { t } = useLocale();
  const navigate = useNavigate();
  const { merge, busy } = useMerge();
  const { survivor, merged } = first;
  const choices = useChoices(first);
  const [asked, setAsked] = useState<ReadonlyMap<string, From>>(new Map());
  const take = takesOf(choices, asked, { survivor: survivor.id, other: merged.id });
  // What was chosen is tried as well: some values do not go together.
  const [{ data }] = useQuery({ query: MergePreviewDocument, variables: { input: { ids, take } }, requestPolicy: 'network-only' });
  const preview = data?.mergePreview ?? first;
  const chosen = new Map([...defaultsOf(choices, first.taken), ...asked]);

  const confirm = async () => {
    const id = await merge(ids, take);
    if (id) void navigate(`/contacts/${id}`);
  };
  return (
    <>
      <Sheet title={t('duplicate.both')}>
        <div className={css.sides}>
          <Named contact={survivor} same={merged} text={t('duplicate.stays')} />
          <Named contact={merged} same={survivor} text={t('duplicate.goesInto', { n: survivor.number })} />
        </div>
      </Sheet>
      <Sheet
        title={t('duplicate.choose')}
        lead={choices.length === 0 ? t('duplicate.nothingDiffers') : t('duplicate.chooseLead')}
        aside={
          choices.length > 0 && (
            <div className={css.all}>
              {(['survivor', 'other'] as const).map((from) => (
                <Button key={from} size="compact-xs" variant="default" onClick={() => setAsked(new Map(choices.map((choice) => [choice.key, from])))}>
                  {t(from === 'survivor' ? 'duplicate.allLeft' : 'duplicate.allRight')}
                </Button>
              ))}
            </div>
          )
        }
      >
        {choices.map((choice) => (
          <ChoiceRow
            key={choice.key}
            choice={choice}
            value={chosen.get(choice.key) ?? 'survivor'}
            onChange={(from) => setAsked((before) => new Map(before).set(choice.key, from))}
            names={{ survivor: `№ ${survivor.number}`, other: `№ ${merged.number}` }}
          />
        ))}
      </Sheet>
      <Outcome preview={preview} />
      <div className={css.confirm}>
        <Button variant="default" component={Link} to={`/contacts/${survivor.id}`}>
          {t('action.cancel')}
        </Button>
        <Button loading={busy} disabled={preview.errors.length > 0} leftSection={<Merge size={15} aria-hidden />} onClick={() => void confirm()}>
          {t('duplicate.merge')}
        </Button>
      </div>
    </>
  );
}

function Named({ contact, same, text }: { contact: DuplicateSideFragment; same: DuplicateSideFragment; text: string }) {
  return (
    <div>
      <p className={css.role}>{text}</p>
      <Side contact={contact} same={same} />
    </div>
  );
}

interface RowProps {
  choice: Choice;
  value: From;
  onChange: (from: From) => void;
  names: Record<From, string>;
}

function ChoiceRow({ choice, value, onChange, names }: RowProps) {
  const { t } = useLocale();
  return (
    <Radio.Group value={value} onChange={(from) => onChange(from === 'other' ? 'other' : 'survivor')} label={choice.label} classNames={{ root: css.choice ?? '', label: css.choiceLabel ?? '' }}>
      <div className={css.values}>
        {(['survivor', 'other'] as const).map((from) => (
          <Radio.Card key={from} value={from} className={css.value ?? ''} aria-label={`${choice.label}, ${names[from]}: ${choice[from] || t('duplicate.nothing')}`}>
            <Radio.Indicator size="xs" />
            <span className={choice[from] ? css.text : css.none}>{choice[from] || t('duplicate.nothing')}</span>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  );
}

/** Why the two cannot be one; of a circle of links, which. */
function refusalText(locale: Locale, { code, message, names }: MendFragment): string {
  return code === 'CYCLE' && names.length > 0 ? locale.t('duplicate.circle', { names: names.join(' → ') }) : textOf(locale, code, message);
}

/** What moves along, or why it cannot be. */
function Outcome({ preview }: { preview: Preview }) {
  const locale = useLocale();
  const { t, tn } = locale;
  if (preview.errors.length > 0) {
    return (
      <Alert color="red" icon={<TriangleAlert size={17} aria-hidden />} title={t('duplicate.refused')} mb="md" role="alert">
        {preview.errors.map((error) => (
          <p key={error.code + error.message} className={css.problem}>
            {refusalText(locale, error)}
          </p>
        ))}
      </Alert>
    );
  }
  return (
    <Sheet title={t('duplicate.moves')} lead={t('duplicate.movesLead')}>
      {preview.moves.length === 0 ? (
        <p className="dim">{t('duplicate.movesNothing')}</p>
      ) : (
        <ul className={css.moves}>
          {preview.moves.map((move) => (
            <li key={move.what}>
              <ArrowRight size={14} aria-hidden /> {tn(`duplicate.moved.${move.what}`, move.count)}
            </li>
          ))}
        </ul>
      )}
    </Sheet>
  );
}
