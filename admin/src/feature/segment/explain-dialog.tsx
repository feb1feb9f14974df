import { Modal } from '@mantine/core';
import { Check, CircleHelp, X } from 'lucide-react';
import { useQuery } from 'urql';
import { SegmentExplainDocument, type SegmentExplainQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Loading, Problem } from '@/part/state';
import { ConditionEditor } from './condition-editor';
import { readCondition } from './rule';
import css from './explain.module.css';

interface Props {
  segmentId: string;
  /** Who is asked about; null while the dialog is closed. */
  contact: { id: string; displayName: string } | null;
  onClose: () => void;
}

/** Why a contact is in a segment, or why it is not: by hand, for being outside, and condition by condition. */
export function ExplainDialog({ segmentId, contact, onClose }: Props) {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({
    query: SegmentExplainDocument,
    variables: { segmentId, contactId: contact?.id ?? '' },
    pause: contact === null,
    requestPolicy: 'network-only',
  });
  const told = data?.segmentExplain.contact.id === contact?.id ? data?.segmentExplain : undefined;
  return (
    <Modal
      opened={contact !== null}
      onClose={onClose}
      size="lg"
      title={contact && t(told?.in === false ? 'segment.explain.titleOut' : 'segment.explain.title', { name: contact.displayName })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {error ? <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} /> : told ? <Explanation told={told} /> : <Loading />}
    </Modal>
  );
}

function Explanation({ told }: { told: SegmentExplainQuery['segmentExplain'] }) {
  const { t } = useLocale();
  const rule = told.ruleHolds === null ? 'segment.explain.ruleHidden' : told.ruleHolds ? 'segment.explain.ruleYes' : 'segment.explain.ruleNo';
  return (
    <>
      <p className={css.verdict}>{t(told.in ? 'segment.explain.in' : 'segment.explain.out', { name: told.contact.displayName })}</p>
      <ul className={css.reasons}>
        {told.outside.map((why) => (
          <li key={why}>{t(`segment.explain.${why}`)}</li>
        ))}
        {told.byHand && <li>{t(`segment.explain.${told.byHand}`)}</li>}
        <li>{t(rule)}</li>
      </ul>
      {told.leaves.length > 0 && (
        <>
          <h3 className={css.title}>{t('segment.explain.leaves')}</h3>
          <ol className={css.leaves}>
            {told.leaves.map((leaf) => (
              <Leaf key={leaf.path.join('.')} leaf={leaf} />
            ))}
          </ol>
        </>
      )}
    </>
  );
}

const unchanged = () => undefined;

/** The condition as the rule's editor shows it, to read only, with its verdict. */
function Leaf({ leaf }: { leaf: SegmentExplainQuery['segmentExplain']['leaves'][number] }) {
  const { t } = useLocale();
  const condition = readCondition(leaf.filter);
  // Below an odd number of "not" the rule asks for the opposite, which is what is told.
  const negated = leaf.path.filter((part) => part === 'not').length % 2 === 1;
  const met = leaf.holds === null ? null : leaf.holds !== negated;
  const [Icon, word] = met === null ? ([CircleHelp, 'hidden'] as const) : met ? ([Check, 'yes'] as const) : ([X, 'no'] as const);
  return (
    <li className={css.leaf} data-met={met ?? undefined}>
      <span className={css.sign}>
        <Icon size={16} aria-hidden />
        {t(`segment.explain.${word}`)}
      </span>
      {negated && <span className={css.not}>{t('segment.rule.not')}</span>}
      <fieldset disabled className={css.condition} aria-label={t('segment.rule.condition')}>
        {condition && <ConditionEditor condition={condition} onChange={unchanged} />}
      </fieldset>
    </li>
  );
}
