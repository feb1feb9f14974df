import { Radio, Switch, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { textOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { CreateCustomFieldDocument, UpdateCustomFieldDocument, type FieldFullFragment, type MendFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';
import { Tag } from '@/part/tag';
import { ChoicesEditor } from './choices-editor';
import { blankDraft, createInput, draftOf, fieldTypes, surfaces, updateInput, type FieldDraft } from './field-draft';
import { typeIcons } from './field-row';
import { ShowIfEditor } from './show-if-editor';
import { TranslationsEditor } from './translations-editor';
import css from './field-form.module.css';

/** What a part of the form gets: the draft, a way to change it, and the server's refusals by input. */
export interface FieldPart {
  draft: FieldDraft;
  set: (change: Partial<FieldDraft>) => void;
  errors: Record<string, string>;
}

function useSave(field: FieldFullFragment | null) {
  const create = useSend(CreateCustomFieldDocument);
  const update = useSend(UpdateCustomFieldDocument);
  return {
    busy: create.busy || update.busy,
    save: (draft: FieldDraft) => (field ? update.send({ input: updateInput(field.id, draft) }) : create.send({ input: createInput(draft) })),
  };
}

const inputs = new Set(['label', 'help', 'multiple', 'minChoices', 'maxChoices']);

/** Defines a field, or changes one (T-37 to T-61). */
export function FieldForm({ field, onClose }: { field: FieldFullFragment | null; onClose: () => void }) {
  const locale = useLocale();
  const { t } = locale;
  const [draft, setDraft] = useState<FieldDraft>(() => (field ? draftOf(field) : blankDraft));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [rest, setRest] = useState<string[]>([]);
  const { save, busy } = useSave(field);
  const set = (change: Partial<FieldDraft>) => setDraft((before) => ({ ...before, ...change }));
  const part: FieldPart = { draft, set, errors };

  const refuse = (refusals: readonly MendFragment[]) => {
    const beside: Record<string, string> = {};
    const above: string[] = [];
    for (const refusal of refusals) {
      const path = refusal.path[0] === 'input' ? refusal.path.slice(1) : refusal.path;
      const text = textOf(locale, refusal.code, refusal.message);
      const [first, second] = path;
      if (first === 'choices') beside[second === undefined ? 'choices' : `choices.${second}`] = text;
      else if (first === 'showIf' && second !== undefined) beside[`showIf.${second}`] = text;
      else if (first && inputs.has(first)) beside[first] = text;
      else above.push(text);
    }
    setErrors(beside);
    setRest(above);
  };
  const submit = async () => {
    const payload = await save(draft);
    if (!payload) return;
    refuse(payload.errors);
    if (!payload.customField) return;
    confirmDone(t('form.saved'));
    onClose();
  };

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Refused texts={rest} />
      <Stack>
        <TextInput
          label={t('field.label')}
          required
          data-autofocus
          value={draft.label}
          error={errors['label']}
          onChange={(event) => set({ label: event.currentTarget.value })}
        />
        <TypePicker {...part} fixed={field !== null} />
        {draft.type === 'DROPDOWN' && <ChoicesEditor {...part} />}
        <Textarea
          label={t('field.help')}
          description={t('field.helpHelp')}
          autosize
          minRows={1}
          maxRows={4}
          value={draft.help}
          error={errors['help']}
          onChange={(event) => set({ help: event.currentTarget.value })}
        />
        <Flags {...part} />
        <ShowIfEditor {...part} self={field?.id} />
        <TranslationsEditor {...part} />
      </Stack>
      <FormButtons busy={busy} save={field ? t('action.save') : t('field.create')} onCancel={onClose} />
    </form>
  );
}

function TypePicker({ draft, set, fixed }: FieldPart & { fixed: boolean }) {
  const { t } = useLocale();
  return (
    <Radio.Group
      label={t('field.typeLabel')}
      value={draft.type}
      {...(fixed && { description: t('field.typeFixed') })}
      onChange={(type) => set({ type: fieldTypes.find((one) => one === type) ?? 'TEXT' })}
    >
      <div className={css.types}>
        {(fixed ? [draft.type] : fieldTypes).map((type) => {
          const Icon = typeIcons[type];
          return (
            <Radio.Card key={type} value={type} className={css.type} disabled={fixed} aria-label={t(`field.type.${type}`)}>
              <Icon size={18} strokeWidth={1.7} aria-hidden />
              <span className={css.typeName}>{t(`field.type.${type}`)}</span>
              <span className={css.typeHelp}>{t(`field.typeHelp.${type}`)}</span>
            </Radio.Card>
          );
        })}
      </div>
    </Radio.Group>
  );
}

/** Required, and the three places, each on its own (T-53 to T-60). */
function Flags({ draft, set }: FieldPart) {
  const { t } = useLocale();
  const internal = surfaces.every((place) => !draft[place]);
  return (
    <fieldset className={css.flags}>
      <legend className={css.legend}>
        {t('field.where')} {internal && <Tag>{t('field.internal')}</Tag>}
      </legend>
      {surfaces.map((place) => (
        <Switch
          key={place}
          label={t(`field.show.${place}`)}
          description={t(`field.showHelp.${place}`)}
          checked={draft[place]}
          onChange={(event) => set({ [place]: event.currentTarget.checked })}
        />
      ))}
      <p className={css.note}>{internal ? t('field.internalHelp') : t('field.visibleHelp')}</p>
      <Switch
        label={t('field.required')}
        description={draft.type === 'CHECKBOX' ? t('field.requiredCheckbox') : t('field.requiredHelp')}
        checked={draft.required}
        onChange={(event) => set({ required: event.currentTarget.checked })}
      />
      {draft.required && internal && <p className={css.note}>{t('field.requiredInternal')}</p>}
    </fieldset>
  );
}
