import { Button } from '@mantine/core';
import { ShieldCheck } from 'lucide-react';
import { PrivacyRequestsDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { PrivacyFrame } from './privacy-frame';
import { RequestItem } from './request-item';
import { useMore } from './use-pages';
import css from './privacy.module.css';

const useRequests = (open: boolean) => useMore(PrivacyRequestsDocument, { open }, String(open));

/** Who asks for what about their own data: what waits for an answer, how to give it, and what was answered. */
export default function PrivacyPage() {
  const { t } = useLocale();
  const waiting = useRequests(true);
  const ended = useRequests(false);
  const answered = () => {
    waiting.reload();
    ended.reload();
  };
  return (
    <PrivacyFrame tab="requests" lead={t('privacy.lead')}>
      <Sheet title={t('privacy.open')}>
        {waiting.error && !waiting.rows ? (
          <Problem error={waiting.error} retry={waiting.reload} />
        ) : !waiting.rows ? (
          <Loading />
        ) : waiting.rows.length === 0 ? (
          <Empty icon={ShieldCheck} title={t('privacy.none')}>
            {t('privacy.noneText')}
          </Empty>
        ) : (
          <List label={t('privacy.open')} requests={waiting} onAnswered={answered} />
        )}
      </Sheet>
      <Sheet title={t('privacy.how')} lead={t('privacy.howLead')}>
        <ol className={css.steps}>
          <li>{t('privacy.step.look')}</li>
          <li>{t('privacy.step.settle')}</li>
          <li>{t('privacy.step.erase')}</li>
        </ol>
        <p className={css.rest}>{t('privacy.rest')}</p>
      </Sheet>
      {ended.rows && ended.rows.length > 0 && (
        <Sheet title={t('privacy.past')}>
          <List label={t('privacy.past')} requests={ended} onAnswered={answered} />
        </Sheet>
      )}
    </PrivacyFrame>
  );
}

function List({ label, requests, onAnswered }: { label: string; requests: ReturnType<typeof useRequests>; onAnswered: () => void }) {
  const { t } = useLocale();
  return (
    <>
      <ul className={css.list} aria-label={label}>
        {(requests.rows ?? []).map((request) => (
          <RequestItem key={request.id} request={request} onAnswered={onAnswered} />
        ))}
      </ul>
      {requests.more && (
        <Button variant="default" mt="md" onClick={requests.more}>
          {t('action.more')}
        </Button>
      )}
    </>
  );
}
