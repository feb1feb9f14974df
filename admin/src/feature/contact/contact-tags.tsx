import type { ContactStatus } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Tag, Tags, type Tone } from '@/part/tag';

const tones: Record<ContactStatus, Tone> = { USER: 'accent', PROSPECT: 'plain' };

/** A contact's computed statuses, and whether it is out of the default view or in the trash. */
export function ContactTags({ contact }: { contact: { statuses: readonly ContactStatus[]; listed: boolean; deletedAt: string | null } }) {
  const { t } = useLocale();
  return (
    <Tags>
      {contact.deletedAt && <Tag tone="danger">{t('contact.inTrash')}</Tag>}
      {!contact.listed && <Tag tone="warn">{t('contact.unlisted')}</Tag>}
      {contact.statuses.map((status) => (
        <Tag key={status} tone={tones[status]}>
          {t(`contact.status.${status}`)}
        </Tag>
      ))}
    </Tags>
  );
}
