import { ActionIcon, Button, SegmentedControl, Switch } from '@mantine/core';
import { FolderPlus, Plus, X } from 'lucide-react';
import { memo, useCallback, useId, type Dispatch, type SetStateAction } from 'react';
import { useLocale } from '@/locale/locale';
import { ConditionEditor } from './condition-editor';
import { LeafCount } from './leaf-count';
import { edit, isGroup, limits, measure, newGroup, newLeaf, toFilter, type RuleGroup, type RuleLeaf, type RuleNode } from './rule';
import css from './rule-builder.module.css';

interface Props {
  root: RuleGroup;
  onChange: Dispatch<SetStateAction<RuleGroup>>;
}

/** Puts another part in the place of the one with a key, or takes it out. */
type Change = (key: string, part: RuleNode | null) => void;

/** Builds a rule of nested groups; each part can be turned into its opposite. */
export function RuleBuilder({ root, onChange }: Props) {
  const change = useCallback<Change>((key, part) => onChange((before) => edit(before, key, part)), [onChange]);
  return <GroupEditor group={root} depth={1} full={measure(root).leaves >= limits.leaves} change={change} />;
}

interface GroupProps {
  group: RuleGroup;
  /** The root's is 1; it cannot be removed or negated. */
  depth: number;
  /** Whether the rule has all the conditions that it can have. */
  full: boolean;
  change: Change;
}

// A rule may have 200 conditions: only those that change are drawn again.
const GroupEditor = memo(function GroupEditor({ group, depth, full, change }: GroupProps) {
  const { t } = useLocale();
  const root = depth === 1;
  const onChange = (next: RuleGroup) => change(group.key, next);
  const add = (part: RuleNode) => onChange({ ...group, parts: [...group.parts, part] });
  return (
    <div className={css.group} data-root={root || undefined} role="group" aria-label={t('segment.rule.group', { depth })}>
      <div className={css.head}>
        <span>{t('segment.rule.where')}</span>
        <SegmentedControl
          size="xs"
          aria-label={t('segment.rule.join')}
          value={group.join}
          onChange={(join) => onChange({ ...group, join: join === 'any' ? 'any' : 'all' })}
          data={[
            { value: 'all', label: t('segment.rule.all') },
            { value: 'any', label: t('segment.rule.any') },
          ]}
        />
        {!root && (
          <span className={css.headEnd}>
            <Negate node={group} onChange={onChange} />
            <ActionIcon onClick={() => change(group.key, null)} aria-label={t('segment.rule.removeGroup')}>
              <X size={15} aria-hidden />
            </ActionIcon>
          </span>
        )}
      </div>
      <div className={css.parts}>
        {group.parts.map((part, index) => (
          <div key={part.key} className={css.part}>
            <span className={css.joint} aria-hidden>
              {index === 0 ? '' : t(group.join === 'all' ? 'segment.rule.and' : 'segment.rule.or')}
            </span>
            {isGroup(part) ? (
              <GroupEditor group={part} depth={depth + 1} full={full} change={change} />
            ) : (
              <LeafEditor leaf={part} change={change} />
            )}
          </div>
        ))}
        {group.parts.length === 0 && <p className={css.none}>{t(root ? 'segment.rule.everybody' : 'segment.rule.emptyGroup')}</p>}
      </div>
      <div className={css.foot}>
        <Button size="xs" variant="default" disabled={full} leftSection={<Plus size={14} aria-hidden />} onClick={() => add(newLeaf({ on: 'kind', kind: 'PERSON' }))}>
          {t('segment.rule.addCondition')}
        </Button>
        {depth < limits.depth - 1 && (
          <Button size="xs" variant="subtle" color="gray" leftSection={<FolderPlus size={14} aria-hidden />} onClick={() => add(newGroup(group.join === 'all' ? 'any' : 'all'))}>
            {t('segment.rule.addGroup')}
          </Button>
        )}
      </div>
      {root && full && <p className={css.full}>{t('segment.rule.full', { n: limits.leaves })}</p>}
    </div>
  );
});

const LeafEditor = memo(function LeafEditor({ leaf, change }: { leaf: RuleLeaf; change: Change }) {
  const { t } = useLocale();
  const onChange = (next: RuleLeaf) => change(leaf.key, next);
  const countId = useId();
  return (
    <div className={css.leaf} role="group" aria-label={t('segment.rule.condition')} aria-describedby={countId}>
      <ConditionEditor condition={leaf.condition} onChange={(condition) => onChange({ ...leaf, condition })} />
      <span className={css.leafEnd}>
        <Negate node={leaf} onChange={onChange} />
        <ActionIcon onClick={() => change(leaf.key, null)} aria-label={t('segment.rule.removeCondition')}>
          <X size={15} aria-hidden />
        </ActionIcon>
        <LeafCount filter={toFilter(leaf)} id={countId} />
      </span>
    </div>
  );
});

/** Turns a part into its opposite. */
function Negate<T extends RuleNode>({ node, onChange }: { node: T; onChange: (node: T) => void }) {
  const { t } = useLocale();
  return (
    <Switch
      size="xs"
      label={t('segment.rule.not')}
      labelPosition="left"
      checked={node.negated}
      onChange={(event) => onChange({ ...node, negated: event.currentTarget.checked })}
    />
  );
}
