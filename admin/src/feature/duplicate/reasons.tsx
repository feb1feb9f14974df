import type { DuplicateReason } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Tag, Tags } from '@/part/tag';

/** Why two contacts are probably one. */
export function Reasons({ reasons }: { reasons: readonly DuplicateReason[] }) {
  const { t } = useLocale();
  return (
    <Tags>
      {reasons.map((reason) => (
        <Tag key={reason} tone={reason === 'DIFFERENT_BIRTH_DATE' ? 'warn' : 'plain'}>
          {t(`duplicate.reason.${reason}`)}
        </Tag>
      ))}
    </Tags>
  );
}
