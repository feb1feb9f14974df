import { Anchor } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { LabelChip } from '@/feature/label/label-chip';
import { ContactSegmentsDocument, ContactSummaryDocument, type ContactSummaryQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { Dot, Tag, Tags } from '@/part/tag';
import { Entries, type Entry } from './entries';
import { linkText, seenFrom } from './link-words';
import { purposeName } from './purpose';
import css from './contact-page.module.css';

/** What the summary reads beside the record itself. */
export type Linked = NonNullable<ContactSummaryQuery['contact']>;

/** Reads it, and again whenever the contact's changes count up. */
export function useLinked(id: string, changes: number) {
  const [{ data, error }, refetch] = useQuery({ query: ContactSummaryDocument, variables: { id } });
  const seen = useRef(changes);
  const read = () => refetch({ requestPolicy: 'network-only' });
  useEffect(() => {
    if (changes === seen.current) return;
    seen.current = changes;
    refetch({ requestPolicy: 'network-only' });
  }, [changes, refetch]);
  return { linked: data?.contact ?? null, error: data ? undefined : error, read };
}

/** The segments that hold the contact now. They are read apart: all that the site has are tested. */
export function SegmentsSheet({ id, changes }: { id: string; changes: number }) {
  const { t } = useLocale();
  const [{ data }, refetch] = useQuery({ query: ContactSegmentsDocument, variables: { id }, requestPolicy: 'cache-and-network' });
  useEffect(() => {
    if (changes > 0) refetch({ requestPolicy: 'network-only' });
  }, [changes, refetch]);
  const segments = data?.contact?.segments;
  if (!segments) return null;
  return (
    <Sheet title={t('contact.summary.segments')}>
      {segments.length > 0 ? (
        <div className={css.chips}>
          {segments.map((segment) => (
            <Anchor key={segment.id} component={Link} to={`/segments/${segment.id}`} c="inherit">
              <Dot color={segment.color}>{segment.name}</Dot>
            </Anchor>
          ))}
        </div>
      ) : (
        <p className={css.empty}>{t('contact.summary.noSegments')}</p>
      )}
    </Sheet>
  );
}

/** How many links the summary shows. */
const linksShown = 10;

/** The first links in force, and the way to all; nothing for a contact that never had one. */
export function LinksSheet({ linked }: { linked: Linked }) {
  const locale = useLocale();
  const { t } = locale;
  const { nodes, pageInfo } = linked.affiliations;
  if (nodes.length === 0) return null;
  const inForce = nodes.filter((link) => link.inForce);
  const entries = inForce.slice(0, linksShown).map((link): Entry => {
    const { end, other } = seenFrom(link, linked.id);
    return [
      linkText(link.type, end, locale),
      <>
        <Anchor component={Link} to={`/contacts/${other.id}`}>
          {other.displayName}
        </Anchor>
        {link.role && <span className="dim"> · {link.role}</span>} {other.deletedAt && <Tag tone="danger">{t('contact.inTrash')}</Tag>}
      </>,
    ];
  });
  const more = inForce.length > linksShown || pageInfo.hasNextPage;
  return (
    <Sheet
      title={t('contact.tab.links')}
      aside={
        more && (
          <Anchor component={Link} to={`/contacts/${linked.id}/links`}>
            {t('contact.summary.allLinks')}
          </Anchor>
        )
      }
    >
      {entries.length > 0 && <Entries entries={entries} />}
      {entries.length === 0 && !more && <p className={css.empty}>{t('contact.summary.noLinks')}</p>}
    </Sheet>
  );
}

/** The labels a contact has, if any. */
export function LabelsSheet({ labels }: { labels: Linked['labels'] }) {
  const { t } = useLocale();
  if (labels.length === 0) return null;
  return (
    <Sheet title={t('label.title')}>
      <Tags>
        {labels.map((label) => (
          <LabelChip key={label.id} label={label} />
        ))}
      </Tags>
    </Sheet>
  );
}

/** What a contact agrees to now: each purpose with its channels; nothing for one that was never asked. */
export function ConsentsSheet({ consents }: { consents: Linked['consents'] }) {
  const { t, language } = useLocale();
  if (consents.length === 0) return null;
  const given = consents.filter((one) => one.state === 'GIVEN');
  const purposes = [...new Map(given.map(({ purpose }) => [purpose.id, purpose])).values()];
  const entries = purposes.map((purpose): Entry => {
    const channels = given.filter((one) => one.purpose.id === purpose.id).map((one) => t(`consent.channel.${one.channel}`));
    return [purposeName(purpose, language), channels.join(', ')];
  });
  return (
    <Sheet title={t('consent.title')}>
      {entries.length > 0 ? <Entries entries={entries} /> : <p className={css.empty}>{t('contact.summary.noConsents')}</p>}
    </Sheet>
  );
}
