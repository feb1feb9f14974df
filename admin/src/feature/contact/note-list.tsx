import { ActionIcon, Button, Checkbox, Group, Textarea } from '@mantine/core';
import { Pencil, Trash2 } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { useClient, type CombinedError } from 'urql';
import { textOf } from '@/api/error';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { AddNoteDocument, ContactNotesDocument, DeleteNoteDocument, UpdateNoteDocument, type NoteFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { useUnsaved } from '@/part/leaving';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import css from './note-list.module.css';

function useNotes(contactId: string, changes: number) {
  const client = useClient();
  const [notes, setNotes] = useState<NoteFullFragment[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [error, setError] = useState<CombinedError | null>(null);
  const read = useCallback(
    async (after: string | null) => {
      const answer = await client.query(ContactNotesDocument, { id: contactId, after }, { requestPolicy: 'network-only' }).toPromise();
      const page = answer.data?.contact?.notes;
      setError(answer.error ?? null);
      if (!page) return;
      setNotes((before) => (after && before ? [...before, ...page.nodes] : page.nodes));
      setCursor(page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);
    },
    [client, contactId],
  );
  // A note that anybody writes is a change of the contact.
  useEffect(() => void read(null), [read, changes]);
  return { notes, error, reload: () => void read(null), more: cursor === null ? null : () => void read(cursor) };
}

/** A contact's notes, newest first, with a place to write one. */
export function NoteList({ contactId, changes }: { contactId: string; changes: number }) {
  const { t } = useLocale();
  const { can } = useSession();
  const { notes, error, reload, more } = useNotes(contactId, changes);
  const add = useSend(AddNoteDocument);
  if (error && !notes) return <Problem error={error} retry={reload} />;
  if (!notes) return <Loading />;
  return (
    <Sheet title={t('contact.tab.notes')}>
      {can('OPERATOR') && (
        <NoteForm
          label={t('contact.notes.new')}
          text=""
          personalData
          busy={add.busy}
          save={async (text, personalData) => {
            const payload = await add.send({ input: { contactId, text, personalData } });
            if (payload?.note) reload();
            return payload?.errors[0] ?? null;
          }}
        />
      )}
      {notes.length === 0 ? (
        <p className={css.none}>{t('contact.notes.empty')}</p>
      ) : (
        <ul className={css.list}>
          {notes.map((note) => (
            <NoteItem key={note.id} note={note} onChange={reload} />
          ))}
        </ul>
      )}
      {more && (
        <Button variant="default" mt="md" onClick={more}>
          {t('action.more')}
        </Button>
      )}
    </Sheet>
  );
}

function NoteItem({ note, onChange }: { note: NoteFullFragment; onChange: () => void }) {
  const { t, format } = useLocale();
  const { can } = useSession();
  const confirm = useConfirm();
  const update = useSend(UpdateNoteDocument);
  const remove = useSend(DeleteNoteDocument);
  const ok = useTellErrors();
  const [editing, setEditing] = useState(false);
  const discard = async () => {
    const sure = await confirm({ title: t('contact.notes.deleteTitle'), text: t('contact.notes.deleteText'), yes: t('action.delete'), danger: true });
    if (sure && ok(await remove.send({ input: { id: note.id } }))) onChange();
  };
  return (
    <li className={css.note}>
      <div className={css.head}>
        <strong>{note.authorName}</strong>
        <time dateTime={note.createdAt}>{format.moment(note.createdAt)}</time>
        {note.personalData && <Tag>{t('contact.notes.personalData')}</Tag>}
        {can('OPERATOR') && (
          <span className={css.buttons}>
            <ActionIcon onClick={() => setEditing(!editing)} aria-label={t('contact.notes.edit')} aria-expanded={editing}>
              <Pencil size={16} aria-hidden />
            </ActionIcon>
            <ActionIcon onClick={() => void discard()} aria-label={t('contact.notes.delete')}>
              <Trash2 size={16} aria-hidden />
            </ActionIcon>
          </span>
        )}
      </div>
      {editing ? (
        <NoteForm
          label={t('contact.notes.edit')}
          text={note.text}
          personalData={note.personalData}
          busy={update.busy}
          save={async (text, personalData) => {
            const payload = await update.send({ input: { id: note.id, text, personalData } });
            if (payload?.note) {
              setEditing(false);
              onChange();
            }
            return payload?.errors[0] ?? null;
          }}
        />
      ) : (
        <p className={css.text}>{note.text}</p>
      )}
    </li>
  );
}

interface FormProps {
  label: string;
  text: string;
  personalData: boolean;
  busy: boolean;
  /** Gives what is to be mended, if anything. */
  save: (text: string, personalData: boolean) => Promise<{ code: string; message: string } | null>;
}

function NoteForm({ label, text: start, personalData: startPersonal, busy, save }: FormProps) {
  const locale = useLocale();
  const { t } = locale;
  const [text, setText] = useState(start);
  const [personal, setPersonal] = useState(startPersonal);
  const [error, setError] = useState('');
  useUnsaved(text !== start);
  const submit = async () => {
    const refused = await save(text, personal);
    setError(refused ? textOf(locale, refused.code, refused.message) : '');
    if (!refused) setText(start);
  };
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Textarea label={label} autosize minRows={2} maxRows={20} value={text} error={error} onChange={(event) => setText(event.currentTarget.value)} />
      <Group justify="space-between" mt="xs">
        <Checkbox label={t('contact.notes.personalData')} checked={personal} onChange={(event) => setPersonal(event.currentTarget.checked)} />
        <Button type="submit" size="sm" loading={busy} disabled={!text.trim()}>
          {t('action.save')}
        </Button>
      </Group>
    </form>
  );
}
