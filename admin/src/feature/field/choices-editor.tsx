import { ActionIcon, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { ArrowDown, ArrowUp, X } from 'lucide-react';
import type { MultipleMode } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { choiceCount, choiceLimit, type ChoiceDraft } from './field-draft';
import type { FieldPart } from './field-form';
import css from './field-form.module.css';

/** The choices of a dropdown: those that exist one by one, new ones one per line (T-45 to T-52). */
export function ChoicesEditor({ draft, set, errors }: FieldPart) {
  const { t, format } = useLocale();
  const count = choiceCount(draft);
  // Refusals of new choices have places after the existing ones.
  const addedErrors = Object.entries(errors).flatMap(([path, text]) => {
    const place = path.startsWith('choices.') ? Number(path.slice('choices.'.length)) : Number.NaN;
    return path === 'choices' || place >= draft.choices.length ? [text] : [];
  });
  return (
    <div className={css.choices} role="group" aria-label={t('field.choiceList')}>
      <div className={css.choicesHead}>
        <span>{t('field.choiceList')}</span>
        <span className={css.counter} data-over={count > choiceLimit || undefined} aria-live="polite">
          {t('field.counter', { n: format.number(count), most: format.number(choiceLimit) })}
        </span>
      </div>
      {draft.choices.map((choice, index) => (
        <ChoiceRow
          key={choice.id}
          choice={choice}
          index={index}
          last={draft.choices.length - 1}
          error={errors[`choices.${index}`]}
          onChange={(choices) => set({ choices: choices(draft.choices) })}
        />
      ))}
      <Textarea
        label={t('field.addChoices')}
        description={draft.choices.length > 0 ? t('field.addMoreHelp') : t('field.addChoicesHelp')}
        autosize
        minRows={draft.choices.length > 0 ? 2 : 4}
        maxRows={14}
        value={draft.added}
        error={addedErrors.length > 0 ? [...new Set(addedErrors)].join(' ') : undefined}
        onChange={(event) => set({ added: event.currentTarget.value })}
      />
      <MultipleInputs draft={draft} set={set} errors={errors} />
    </div>
  );
}

interface RowProps {
  choice: ChoiceDraft;
  index: number;
  last: number;
  error: string | undefined;
  onChange: (next: (choices: ChoiceDraft[]) => ChoiceDraft[]) => void;
}

function ChoiceRow({ choice, index, last, error, onChange }: RowProps) {
  const { t } = useLocale();
  const swap = (other: number) =>
    onChange((choices) => {
      const next = [...choices];
      const moved = next[index];
      const met = next[other];
      if (moved && met) [next[index], next[other]] = [met, moved];
      return next;
    });
  return (
    <div className={css.choiceRow}>
      <TextInput
        aria-label={t('field.choiceNumber', { n: index + 1 })}
        value={choice.label}
        error={error}
        onChange={(event) => {
          const label = event.currentTarget.value;
          onChange((choices) => choices.map((one) => (one.id === choice.id ? { ...one, label } : one)));
        }}
      />
      <ActionIcon size={36} disabled={index === 0} onClick={() => swap(index - 1)} aria-label={t('field.up', { name: choice.label })}>
        <ArrowUp size={15} aria-hidden />
      </ActionIcon>
      <ActionIcon size={36} disabled={index === last} onClick={() => swap(index + 1)} aria-label={t('field.down', { name: choice.label })}>
        <ArrowDown size={15} aria-hidden />
      </ActionIcon>
      <ActionIcon size={36} onClick={() => onChange((choices) => choices.filter((one) => one.id !== choice.id))} aria-label={t('field.removeChoice', { name: choice.label })}>
        <X size={15} aria-hidden />
      </ActionIcon>
    </div>
  );
}

const modes: readonly MultipleMode[] = ['UNLIMITED', 'EXACT', 'RANGE'];

/** One answer, any number, exactly n, or between two numbers (T-49 to T-52). */
function MultipleInputs({ draft, set, errors }: FieldPart) {
  const { t } = useLocale();
  const number = (value: string | number): number | '' => (typeof value === 'number' ? value : '');
  return (
    <>
      <Select
        label={t('field.multipleLabel')}
        allowDeselect={false}
        value={draft.multiple || 'ONE'}
        error={errors['multiple']}
        onChange={(mode) => set({ multiple: modes.find((one) => one === mode) ?? '' })}
        data={[{ value: 'ONE', label: t('field.multiple.ONE') }, ...modes.map((value) => ({ value, label: t(`field.multiple.${value}`) }))]}
      />
      {(draft.multiple === 'EXACT' || draft.multiple === 'RANGE') && (
        <div className={css.bounds}>
          <NumberInput
            label={draft.multiple === 'EXACT' ? t('field.exactly') : t('field.atLeast')}
            min={0}
            max={choiceLimit}
            allowDecimal={false}
            value={draft.minChoices}
            error={errors['minChoices']}
            onChange={(value) => set({ minChoices: number(value) })}
          />
          {draft.multiple === 'RANGE' && (
            <NumberInput
              label={t('field.atMost')}
              min={1}
              max={choiceLimit}
              allowDecimal={false}
              value={draft.maxChoices}
              error={errors['maxChoices']}
              onChange={(value) => set({ maxChoices: number(value) })}
            />
          )}
        </div>
      )}
    </>
  );
}
