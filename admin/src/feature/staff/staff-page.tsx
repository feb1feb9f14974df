import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { Page } from '@/part/page';
import { ApiKeys } from './api-keys';
import { Invitations } from './invitations';
import { SecondStepRule } from './second-step-rule';
import { StaffList } from './staff-list';

/** Who works for the site, and the keys of its programs. */
export default function StaffPage() {
  const { t } = useLocale();
  const { can } = useSession();
  return (
    <Page title={t('nav.staff')} lead={t('staff.lead')}>
      <StaffList />
      {can('OWNER') && (
        <>
          <Invitations />
          <ApiKeys />
          <SecondStepRule />
        </>
      )}
    </Page>
  );
}
