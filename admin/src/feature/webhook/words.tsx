import type { DeliveryFullFragment, WebhookEvent, WebhookFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Tag, type Tone } from '@/part/tag';

/** What a webhook can ask to be told of, in the order of the form. */
const contacts = ['CONTACT_CREATED', 'CONTACT_UPDATED', 'CONTACT_DELETED', 'CONTACT_RESTORED', 'CONTACT_MERGED'] as const satisfies readonly WebhookEvent[];
const sales = ['ORDER_RECORDED', 'ORDER_RETURNED', 'MEMBERSHIP_CREATED', 'MEMBERSHIP_CANCELLED', 'EVENT_PUBLISHED', 'EVENT_CANCELLED'] as const satisfies readonly WebhookEvent[];
export const choosable = ['SEGMENT_ENTERED', 'SEGMENT_LEFT', 'BATCH_FINISHED', ...contacts, ...sales] as const satisfies readonly WebhookEvent[];

/** Whether an event needs more words than its name. */
export const explained = (event: WebhookEvent): event is 'CONTACT_CREATED' | 'CONTACT_UPDATED' => event === 'CONTACT_CREATED' || event === 'CONTACT_UPDATED';

/** Whether an event is about segments. */
export const ofSegment = (event: WebhookEvent): boolean => event === 'SEGMENT_ENTERED' || event === 'SEGMENT_LEFT';

const stateTones: Record<WebhookFullFragment['status'], Tone> = { ACTIVE: 'accent', FAILING: 'danger', DISABLED: 'plain' };

/** How a webhook fares. */
export function StateTag({ status }: { status: WebhookFullFragment['status'] }) {
  const { t } = useLocale();
  return <Tag tone={stateTones[status]}>{t(`webhook.status.${status}`)}</Tag>;
}

type Result = 'WAITING' | 'AGAIN' | 'DELIVERED' | 'FAILED';
const resultTones: Record<Result, Tone> = { WAITING: 'info', AGAIN: 'warn', DELIVERED: 'accent', FAILED: 'danger' };

const resultOf = ({ status, attempts }: DeliveryFullFragment): Result => (status !== 'QUEUED' ? status : attempts > 0 ? 'AGAIN' : 'WAITING');

/** How far a delivery is. */
export function ResultTag({ delivery }: { delivery: DeliveryFullFragment }) {
  const { t } = useLocale();
  const result = resultOf(delivery);
  return <Tag tone={resultTones[result]}>{t(`webhook.result.${result}`)}</Tag>;
}

/** What a webhook is told of in short, a line for each kind. */
export function useTells(): (webhook: WebhookFullFragment) => string[] {
  const { t } = useLocale();
  return ({ events, segments }) => {
    const names = segments.map(({ name }) => name);
    const told = names.length < 3 ? names.join(', ') : t('webhook.tells.more', { first: names[0] ?? '', n: names.length - 1 });
    const enters = events.includes('SEGMENT_ENTERED');
    const leaves = events.includes('SEGMENT_LEFT');
    const way = enters && leaves ? 'both' : enters ? 'enters' : 'leaves';
    return [
      ...(enters || leaves ? [t(`webhook.tells.${way}`, { segments: told || '–' })] : []),
      ...(events.includes('BATCH_FINISHED') ? [t('webhook.tells.batches')] : []),
      ...[...contacts, ...sales].filter((event) => events.includes(event)).map((event) => t(`webhook.event.${event}`)),
    ];
  };
}
