import type { EventState } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Tag, type Tone } from '@/part/tag';

const tones: Record<EventState, Tone> = { DRAFT: 'plain', SUBMITTED: 'warn', REFUSED: 'danger', PUBLISHED: 'accent', CANCELLED: 'danger' };

/** How far an event is. */
export function EventStateTag({ state }: { state: EventState }) {
  const { t } = useLocale();
  return <Tag tone={tones[state]}>{t(`event.state.${state}`)}</Tag>;
}

/** How many are sold, of how many. */
export function useTaken() {
  const { t, format } = useLocale();
  return ({ taken, capacity }: { taken: number; capacity: number | null }) =>
    capacity === null ? format.number(taken) : t('event.of', { taken: format.number(taken), capacity: format.number(capacity) });
}
