import { Textarea } from '@mantine/core';
import { EyeOff } from 'lucide-react';
import { useState } from 'react';
import { textOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { UpdateContactDocument, type ContactFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { SaveBar } from '@/part/form';
import { Sheet } from '@/part/page';
import { Empty } from '@/part/state';
import { NoteList } from './note-list';

interface Props {
  contact: ContactFullFragment;
  accept: (contact: ContactFullFragment) => void;
  changes: number;
}

/** Free notes about a contact (S-47), and one remark that stays on top; for staff only. */
export function NotesTab({ contact, accept, changes }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const { can, hidden } = useSession();
  const { send, busy } = useSend(UpdateContactDocument);
  const [edited, setEdited] = useState<string | null>(null);
  const [error, setError] = useState('');

  const save = async () => {
    const payload = await send({ input: { id: contact.id, note: edited ?? '' } });
    if (!payload) return;
    const refused = payload.errors[0];
    setError(refused ? textOf(locale, refused.code, refused.message) : '');
    if (payload.contact) {
      accept(payload.contact);
      setEdited(null);
      confirmDone(t('form.saved'));
    }
  };
  if (hidden.includes('NOTES')) return <Empty icon={EyeOff} title={t('contact.hidden')} />;
  return (
    <>
      <NoteList contactId={contact.id} changes={changes} />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Sheet title={t('contact.field.note')} lead={t('contact.notesLead')}>
          <Textarea
            aria-label={t('contact.field.note')}
            autosize
            minRows={3}
            maxRows={28}
            readOnly={!can('OPERATOR')}
            value={edited ?? contact.note}
            error={error}
            onChange={(event) => setEdited(event.currentTarget.value === contact.note ? null : event.currentTarget.value)}
          />
        </Sheet>
        <SaveBar dirty={edited !== null} busy={busy} onReset={() => setEdited(null)} />
      </form>
    </>
  );
}
