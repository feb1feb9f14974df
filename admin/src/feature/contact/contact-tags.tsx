import type { ContactStatus } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Tag, Tags, type Tone } from '@/part/tag';

const tones: Record<ContactStatus, Tone> = { USER: 'accent', PROSPECT: 'plain', CUSTOMER: 'info', SUBSCRIBER: 'accent', ATTENDEE: 'plain', ORGANIZER: 'plain' };

// Where there is no room for all, what tells most goes first.
const telling: readonly ContactStatus[] = ['SUBSCRIBER', 'CUSTOMER', 'PROSPECT', 'ORGANIZER', 'USER', 'ATTENDEE'];

interface Props {
  contact: { statuses: readonly ContactStatus[]; listed: boolean; deletedAt: string | null };
  /** How many statuses are shown at most; of the others it is said how many there are. */
  most?: number;
}

/** A contact's computed statuses, and whether it is out of the default view or in the trash. */
export function ContactTags({ contact, most = telling.length }: Props) {
  const { t } = useLocale();
  const statuses = telling.filter((status) => contact.statuses.includes(status));
  const others = statuses.slice(most).map((status) => t(`contact.status.${status}`));
  return (
    <Tags>
      {contact.deletedAt && <Tag tone="danger">{t('contact.inTrash')}</Tag>}
      {!contact.listed && <Tag tone="warn">{t('contact.unlisted')}</Tag>}
      {statuses.slice(0, most).map((status) => (
        <Tag key={status} tone={tones[status]}>
          {t(`contact.status.${status}`)}
        </Tag>
      ))}
      {others.length > 0 && (
        <span className="dim" title={others.join(', ')}>
          +{others.length}
        </span>
      )}
    </Tags>
  );
}
