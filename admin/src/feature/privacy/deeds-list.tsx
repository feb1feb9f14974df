import { useLocale } from '@/locale/locale';
import { byPart, type Deed } from './deeds';
import css from './privacy.module.css';

/** What goes, or went. */
export function DeedsList({ deeds, label }: { deeds: readonly Deed[]; label: string }) {
  const { t, tn } = useLocale();
  return (
    <ul className={css.deeds} aria-label={label}>
      {byPart(deeds).map(({ part, deleted, emptied }) => (
        <li key={part}>
          <span>{t(`privacy.part.${part}`)}</span>
          <span className="num">{[deleted > 0 && tn('privacy.deleted', deleted), emptied > 0 && tn('privacy.emptied', emptied)].filter(Boolean).join(', ')}</span>
        </li>
      ))}
    </ul>
  );
}
