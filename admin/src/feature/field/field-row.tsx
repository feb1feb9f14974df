import { CalendarDays, ChevronDownSquare, CircleHelp, Globe, Hash, Link, Phone, SquareCheck, TextCursorInput, TextInitial, type LucideIcon } from 'lucide-react';
import { multipleRule } from '@/feature/contact/answer-field';
import type { CustomFieldType, FieldFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { ListRow } from '@/part/row-list';
import { Tag } from '@/part/tag';
import { surfaces } from './field-draft';

/** A picture for each type. */
export const typeIcons: Record<CustomFieldType, LucideIcon> = {
  YES_NO: CircleHelp,
  TEXT: TextCursorInput,
  CHECKBOX: SquareCheck,
  DROPDOWN: ChevronDownSquare,
  NUMBER: Hash,
  DATE: CalendarDays,
  PHONE: Phone,
  URL: Link,
  COUNTRY: Globe,
  LONG_TEXT: TextInitial,
};

interface Props {
  field: FieldFullFragment;
  busy: boolean;
  onEdit: () => void;
  onArchive?: () => void;
  onRestore?: () => void;
  onUp?: (() => void) | undefined;
  onDown?: (() => void) | undefined;
}

/** A field in the list: what it asks, how, and where it shows. */
export function FieldRow({ field, ...buttons }: Props) {
  return <ListRow icon={typeIcons[field.type]} name={field.label} facts={<FieldFacts field={field} />} {...buttons} />;
}

function FieldFacts({ field }: { field: FieldFullFragment }) {
  const { t, tn } = useLocale();
  return (
    <>
      {t(`field.type.${field.type}`)}
      {field.type === 'DROPDOWN' && (
        <>
          {' · '}
          {tn('field.choices', field.choices.length)}
          {field.multiple && ` · ${multipleRule(field, t)}`}
        </>
      )}
      {field.required && <Tag tone="danger">{t('field.required')}</Tag>}
      {field.showIf.length > 0 && <Tag>{t('field.showIf.tag')}</Tag>}
      {field.internal ? <Tag>{t('field.internal')}</Tag> : surfaces.filter((place) => field[place]).map((place) => <Tag key={place} tone="accent">{t(`field.place.${place}`)}</Tag>)}
    </>
  );
}
