import { Button } from '@mantine/core';
import { ListPlus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { textOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { useFields } from '@/feature/field/use-fields';
import { useSession } from '@/feature/session/session';
import { UpdateContactDocument, type ContactFullFragment, type FieldFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Refused, SaveBar, Stack } from '@/part/form';
import { Sheet } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { answerInput, answerValue, type AnswerValue } from './answer';
import { AnswerField } from './answer-field';

interface Props {
  contact: ContactFullFragment;
  accept: (contact: ContactFullFragment) => void;
}

/** The answers to the site's own questions, internal ones included (T-32, T-60). */
export function AdditionalTab({ contact, accept }: Props) {
  const { t } = useLocale();
  const { can } = useSession();
  const { fields, loading, error } = useFields();
  const answered = useMemo(() => new Set(contact.answers.map((answer) => answer.field.id)), [contact]);
  // A field that was put away shows only where it was answered.
  const shown = fields.filter((field) => field.archivedAt === null || answered.has(field.id));

  if (error) return <Problem error={error} />;
  if (loading) return <Loading />;
  if (shown.length === 0) {
    return (
      <Empty
        icon={ListPlus}
        title={t('contact.additional.empty')}
        action={
          can('MANAGER') && (
            <Button component={Link} to="/settings/fields">
              {t('contact.additional.define')}
            </Button>
          )
        }
      >
        {t('contact.additional.emptyText')}
      </Empty>
    );
  }
  return <AnswersForm contact={contact} fields={shown} accept={accept} readOnly={!can('OPERATOR')} />;
}

function useAnswers({ contact, fields, accept }: Props & { fields: FieldFullFragment[] }) {
  const locale = useLocale();
  const { send, busy } = useSend(UpdateContactDocument);
  const [edited, setEdited] = useState<ReadonlyMap<string, AnswerValue>>(new Map());
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [rest, setRest] = useState<string[]>([]);

  const reset = () => {
    setEdited(new Map());
    setErrors({});
    setRest([]);
  };
  const save = async () => {
    const changed = fields.flatMap((field) => {
      const value = edited.get(field.id);
      return value ? [answerInput(field, value)] : [];
    });
    const payload = await send({ input: { id: contact.id, answers: changed } });
    if (!payload) return;
    const beside: Record<string, string> = {};
    const above: string[] = [];
    for (const one of payload.errors) {
      // The path says which answer of the input: ["answers", "0", "text"].
      const at = one.path.indexOf('answers');
      const fieldId = at < 0 ? undefined : changed[Number(one.path[at + 1])]?.fieldId;
      const text = textOf(locale, one.code, one.message);
      if (fieldId) beside[fieldId] = text;
      else above.push(text);
    }
    setErrors(beside);
    setRest(above);
    if (payload.contact) {
      accept(payload.contact);
      reset();
      confirmDone(locale.t('form.saved'));
    }
  };
  const set = (id: string, value: AnswerValue) => setEdited((before) => new Map(before).set(id, value));
  return { edited, set, errors, rest, reset, save, busy };
}

function AnswersForm(props: Props & { fields: FieldFullFragment[]; readOnly: boolean }) {
  const { t } = useLocale();
  const { contact, fields, readOnly } = props;
  const { edited, set, errors, rest, reset, save, busy } = useAnswers(props);
  const answers = useMemo(() => new Map(contact.answers.map((answer) => [answer.field.id, answer])), [contact]);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Refused texts={rest} />
      <Sheet title={t('contact.tab.additional')} lead={t('contact.additional.lead')}>
        <fieldset disabled={readOnly} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
          <Stack>
            {fields.map((field) => (
              <AnswerField
                key={field.id}
                field={field}
                value={edited.get(field.id) ?? answerValue(answers.get(field.id))}
                error={errors[field.id]}
                onChange={(value) => set(field.id, value)}
              />
            ))}
          </Stack>
        </fieldset>
      </Sheet>
      <SaveBar dirty={edited.size > 0} busy={busy} onReset={reset} />
    </form>
  );
}
