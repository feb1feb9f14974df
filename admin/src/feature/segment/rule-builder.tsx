import { ActionIcon, Button, SegmentedControl, Switch } from '@mantine/core';
import { FolderPlus, Plus, X } from 'lucide-react';
import { useId } from 'react';
import { useLocale } from '@/locale/locale';
import { ConditionEditor } from './condition-editor';
import { LeafCount } from './leaf-count';
import { isGroup, limits, newGroup, newLeaf, toFilter, type RuleGroup, type RuleLeaf, type RuleNode } from './rule';
import css from './rule-builder.module.css';

interface Props {
  root: RuleGroup;
  onChange: (root: RuleGroup) => void;
}

/** Builds a rule of nested groups; each part can be turned into its opposite. */
export function RuleBuilder({ root, onChange }: Props) {
  return <GroupEditor group={root} depth={1} onChange={onChange} />;
}

interface GroupProps {
  group: RuleGroup;
  depth: number;
  onChange: (group: RuleGroup) => void;
  /** Absent for the root, which cannot be removed or negated. */
  onRemove?: () => void;
}

function GroupEditor({ group, depth, onChange, onRemove }: GroupProps) {
  const { t } = useLocale();
  const replace = (key: string, part: RuleNode) => onChange({ ...group, parts: group.parts.map((one) => (one.key === key ? part : one)) });
  const remove = (key: string) => onChange({ ...group, parts: group.parts.filter((one) => one.key !== key) });
  const add = (part: RuleNode) => onChange({ ...group, parts: [...group.parts, part] });
  return (
    <div className={css.group} data-root={onRemove ? undefined : true} role="group" aria-label={t('segment.rule.group', { depth })}>
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
        {onRemove && (
          <span className={css.headEnd}>
            <Negate node={group} onChange={onChange} />
            <ActionIcon onClick={onRemove} aria-label={t('segment.rule.removeGroup')}>
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
              <GroupEditor group={part} depth={depth + 1} onChange={(next) => replace(part.key, next)} onRemove={() => remove(part.key)} />
            ) : (
              <LeafEditor leaf={part} onChange={(next) => replace(part.key, next)} onRemove={() => remove(part.key)} />
            )}
          </div>
        ))}
        {group.parts.length === 0 && <p className={css.none}>{onRemove ? t('segment.rule.emptyGroup') : t('segment.rule.everybody')}</p>}
      </div>
      <div className={css.foot}>
        <Button size="xs" variant="default" leftSection={<Plus size={14} aria-hidden />} onClick={() => add(newLeaf({ on: 'kind', kind: 'PERSON' }))}>
          {t('segment.rule.addCondition')}
        </Button>
        {depth < limits.depth - 1 && (
          <Button size="xs" variant="subtle" color="gray" leftSection={<FolderPlus size={14} aria-hidden />} onClick={() => add(newGroup(group.join === 'all' ? 'any' : 'all'))}>
            {t('segment.rule.addGroup')}
          </Button>
        )}
      </div>
    </div>
  );
}

function LeafEditor({ leaf, onChange, onRemove }: { leaf: RuleLeaf; onChange: (leaf: RuleLeaf) => void; onRemove: () => void }) {
  const { t } = useLocale();
  const countId = useId();
  return (
    <div className={css.leaf} role="group" aria-label={t('segment.rule.condition')} aria-describedby={countId}>
      <ConditionEditor condition={leaf.condition} onChange={(condition) => onChange({ ...leaf, condition })} />
      <span className={css.leafEnd}>
        <Negate node={leaf} onChange={onChange} />
        <ActionIcon onClick={onRemove} aria-label={t('segment.rule.removeCondition')}>
          <X size={15} aria-hidden />
        </ActionIcon>
        <LeafCount filter={toFilter(leaf)} id={countId} />
      </span>
    </div>
  );
}

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
