import { Anchor, SegmentedControl } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { purposeName } from '@/feature/contact/purpose';
import { CampaignChoicesDocument, ContactNameByIdDocument, type CampaignFullFragment } from '@/gql/graphql';
import { languageNames, type Language } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { MessageLook } from './message-look';
import { textsOf, written } from './texts';
import css from './campaign.module.css';

/** What a campaign that is no draft any more is: to whom, why and when, and what it says. */
export function CampaignDetails({ campaign }: { campaign: CampaignFullFragment }) {
  const { t, format, language } = useLocale();
  const texts = textsOf(campaign.texts);
  const languages = written(texts);
  const [shown, setShown] = useState<Language>(() => languages.find((one) => one === language) ?? languages[0] ?? language);
  const [as, setAs] = useState('');
  const lines: [string, ReactNode][] = [
    [t('campaign.channelName'), t(`campaign.channel.${campaign.channel}`)],
    [t('campaign.purpose'), campaign.purpose ? purposeName(campaign.purpose, language) : t('campaign.service')],
    [t('campaign.to'), <Aim target={campaign.target} />],
    [t('campaign.offer'), campaign.offer?.name],
    [t('campaign.begins'), !campaign.startedAt && campaign.status !== 'CANCELLED' && campaign.sendAt && format.moment(campaign.sendAt)],
    [t('campaign.began'), campaign.startedAt && format.moment(campaign.startedAt)],
    [t('campaign.ended'), campaign.finishedAt && format.moment(campaign.finishedAt)],
    [t('campaign.by'), campaign.actorName],
  ];
  return (
    <div className={css.halves}>
      <Sheet title={t('campaign.details')}>
        <dl className={css.details}>
          {lines.map(
            ([name, value]) =>
              value && (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ),
          )}
        </dl>
      </Sheet>
      <MessageLook channel={campaign.channel} texts={texts} language={shown} purposeId={campaign.purpose?.id ?? null} offerId={campaign.offer?.id ?? null} as={as} onAs={setAs} by={campaign.actorName}>
        {languages.length > 1 && (
          <SegmentedControl
            mt="sm"
            aria-label={t('campaign.language')}
            value={shown}
            onChange={(one) => setShown(one as Language)}
            data={languages.map((one) => ({ value: one, label: languageNames[one] }))}
          />
        )}
      </MessageLook>
    </div>
  );
}

/** Whom it was meant for. */
function Aim({ target: { segmentId, contactIds, organizationId, matched } }: { target: CampaignFullFragment['target'] }) {
  const { t, tn } = useLocale();
  const [{ data }] = useQuery({ query: CampaignChoicesDocument, pause: !segmentId });
  const [{ data: found }] = useQuery({ query: ContactNameByIdDocument, variables: { id: organizationId ?? '' }, pause: !organizationId });
  const segment = data?.segments.find(({ id }) => id === segmentId);
  if (segment)
    return (
      <Anchor component={Link} to={`/segments/${segment.id}`}>
        {segment.name}
      </Anchor>
    );
  if (segmentId) return data ? t('campaign.goneSegment') : null;
  if (found?.contact)
    return (
      <Anchor component={Link} to={`/contacts/${found.contact.id}`}>
        {found.contact.displayName}
      </Anchor>
    );
  if (organizationId) return t('campaign.aim.organization');
  return matched === null ? tn('campaign.picked', contactIds?.length ?? 0) : t('campaign.matched', { n: matched });
}
