import { Boxes } from 'lucide-react';
import { useMemo } from 'react';
import { useParams } from 'react-router';
import { useQuery } from 'urql';
import { GroupTerms } from '@/feature/catalogue/group-terms';
import { MemberList } from '@/feature/contact/member-list';
import { ExportButton } from '@/feature/export/export-button';
import { GroupsDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Page } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { Dot } from '@/part/tag';

/** A group and its members. */
export default function GroupPage() {
  const { t, tn, format } = useLocale();
  const { id = '' } = useParams();
  const [{ data, error }] = useQuery({ query: GroupsDocument });
  const group = data?.groups.find((one) => one.id === id);
  const matching = useMemo(() => ({ filter: { group: id } }), [id]);
  const back = { to: '/groups', label: t('nav.groups') };
  if (!group) {
    return (
      <Page title={t('nav.groups')} back={back}>
        {error ? <Problem error={error} /> : data ? <Empty icon={Boxes} title={t('group.gone')} /> : <Loading />}
      </Page>
    );
  }
  const count = tn('contact.list.count', group.contactCount, { count: format.number(group.contactCount) });
  return (
    <Page title={group.name} heading={<Dot color={group.color}>{group.name}</Dot>} back={back} lead={group.description ? `${count} · ${group.description}` : count} width="full" actions={<ExportButton scope={matching} count={group.contactCount} />}>
      <GroupTerms id={id} />
      <MemberList label={t('group.members')} matching={matching} empty={t('group.noMembers')} />
    </Page>
  );
}
