import { Button } from '@mantine/core';
import { Megaphone } from 'lucide-react';
import { Link } from 'react-router';
import type { ExportScope } from '@/feature/export/export-dialog';
import { barButton } from '@/feature/contact/many-button';
import { useSession } from '@/feature/session/session';
import type { CampaignTargetInput } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';

/** Whom a new campaign is for, as the page that asks for it knows. */
export interface Meant { target: CampaignTargetInput; count: number | null }

/** Contacts by their ids, a segment, or all that match. */
function targetOf(scope: ExportScope): CampaignTargetInput {
  if ('contactIds' in scope) return { contactIds: scope.contactIds };
  if (scope.segmentId) return { segmentId: scope.segmentId };
  const { segmentId: _, ...matching } = scope;
  return { matching };
}

interface Props {
  /** Many contacts, or the organization whose people are meant. */
  scope: ExportScope | { organizationId: string };
  count: number | null;
  onBar?: boolean;
}

/** Begins a message to exactly these (P-21); nothing for those who may not send. */
export function MessageButton({ scope, count, onBar = false }: Props) {
  const { t } = useLocale();
  const { can } = useSession();
  if (!can('MANAGER')) return null;
  const meant: Meant = { target: 'organizationId' in scope ? scope : targetOf(scope), count };
  return (
    <Button {...(onBar ? barButton : { variant: 'default' })} component={Link} to="/campaigns/new" state={meant} leftSection={<Megaphone size={onBar ? 14 : 16} aria-hidden />}>
      {t('organizationId' in scope ? 'campaign.sendPeople' : 'campaign.sendTo')}
    </Button>
  );
}
