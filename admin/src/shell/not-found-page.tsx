import { Button } from '@mantine/core';
import { SearchX } from 'lucide-react';
import { Link } from 'react-router';
import { useLocale } from '@/locale/locale';
import { Page } from '@/part/page';
import { Empty } from '@/part/state';

/** For an address that leads nowhere, or to something of another site. */
export default function NotFoundPage() {
  const { t } = useLocale();
  return (
    <Page title={t('state.notFound')}>
      <Empty
        icon={SearchX}
        title={t('state.notFoundTitle')}
        action={
          <Button component={Link} to="/" variant="default">
            {t('state.home')}
          </Button>
        }
      >
        {t('state.notFoundText')}
      </Empty>
    </Page>
  );
}
