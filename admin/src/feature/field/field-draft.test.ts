import { describe, expect, it } from 'vitest';
import { blankDraft, choiceCount, createInput, linesOf, newChoiceKey, updateInput, type FieldDraft } from './field-draft';

const dropdown: FieldDraft = { ...blankDraft, type: 'DROPDOWN', label: 'Diet', added: 'Vegan\n\n  Fish  \n' };

describe('choices', () => {
  it('are typed one per line, blanks do not count', () => {
    // T-47
    expect(linesOf(dropdown.added)).toEqual(['Vegan', 'Fish']);
    expect(choiceCount(dropdown)).toBe(2);
  });

  it('are sent only for a dropdown', () => {
    // T-46
    expect(createInput({ ...dropdown, type: 'TEXT' })).not.toHaveProperty('choices');
    expect(createInput(dropdown).choices).toHaveLength(2);
  });

  it('keep their ids when renamed', () => {
    const input = updateInput('f', { ...dropdown, choices: [{ id: 'c1', label: 'Meat' }] });
    expect(input.choices).toEqual([
      { id: 'c1', label: 'Meat', translations: {} },
      { label: 'Vegan', translations: {} },
      { label: 'Fish', translations: {} },
    ]);
  });

  it('take their translations along, new ones by label', () => {
    const choiceTexts = { [newChoiceKey('Fish')]: { fr: 'Poisson', nb: ' ' } };
    expect(createInput({ ...dropdown, choiceTexts }).choices?.[1]).toEqual({ label: 'Fish', translations: { fr: { label: 'Poisson' } } });
  });
});

describe('conditions', () => {
  it('travel as they are, without those that name no question yet', () => {
    const showIf = [{ fieldId: 'f', op: 'EQUALS', values: ['true'] }, { fieldId: '', op: 'ANSWERED', values: [] }] as const;
    expect(updateInput('g', { ...blankDraft, showIf: showIf.map((one) => ({ ...one, values: [...one.values] })) }).showIf).toEqual([{ fieldId: 'f', op: 'EQUALS', values: ['true'] }]);
    expect(createInput(blankDraft).showIf).toEqual([]);
  });
});

describe('multiple answers', () => {
  it('send only the bounds of their mode', () => {
    // T-50, T-51, T-52
    const bounds = { minChoices: 2, maxChoices: 4 } as const;
    expect(createInput({ ...dropdown, ...bounds, multiple: 'UNLIMITED' })).toMatchObject({ minChoices: null, maxChoices: null });
    expect(createInput({ ...dropdown, ...bounds, multiple: 'EXACT' })).toMatchObject({ minChoices: 2, maxChoices: null });
    expect(createInput({ ...dropdown, ...bounds, multiple: 'RANGE' })).toMatchObject({ minChoices: 2, maxChoices: 4 });
    expect(createInput({ ...dropdown, ...bounds, multiple: '' })).toMatchObject({ multiple: null, minChoices: null });
  });
});
