import type { AnswerInput, ContactAnswerFragment, FieldFullFragment } from '@/gql/graphql';

/** An answer while it is edited; null or empty where there is none. */
export interface AnswerValue {
  yesNo: boolean | null;
  text: string;
  /** As typed. */
  number: string;
  /** YYYY-MM-DD. */
  date: string;
  checked: boolean | null;
  choiceIds: string[];
}

/** The answer as the server has it. */
export function answerValue(answer: ContactAnswerFragment | undefined): AnswerValue {
  return {
    yesNo: answer?.yesNo ?? null,
    text: answer?.text ?? '',
    number: answer?.number == null ? '' : String(answer.number),
    date: answer?.date ?? '',
    checked: answer?.checked ?? null,
    choiceIds: answer?.choices?.map((choice) => choice.id) ?? [],
  };
}

/** The input for a field: the one value of its type, or none, which clears the answer. */
export function answerInput(field: FieldFullFragment, value: AnswerValue): AnswerInput {
  const fieldId = field.id;
  switch (field.type) {
    case 'YES_NO':
      return value.yesNo === null ? { fieldId } : { fieldId, yesNo: value.yesNo };
    case 'NUMBER':
      return value.number.trim() === '' ? { fieldId } : { fieldId, number: Number(value.number) };
    case 'DATE':
      return value.date === '' ? { fieldId } : { fieldId, date: value.date };
    case 'TEXT':
    case 'LONG_TEXT':
    case 'PHONE':
    case 'URL':
    case 'COUNTRY':
      return value.text.trim() === '' ? { fieldId } : { fieldId, text: value.text };
    case 'CHECKBOX':
      return value.checked === null ? { fieldId } : { fieldId, checked: value.checked };
    case 'DROPDOWN':
      return value.choiceIds.length === 0 ? { fieldId } : { fieldId, choiceIds: value.choiceIds };
  }
}
