import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import { useFields } from '@/feature/field/use-fields';
import { OffersSheet } from '@/feature/offer/offers-sheet';
import { IndicatorsSheet } from '@/feature/sale/indicators';
import type { ContactFullFragment } from '@/gql/graphql';
import { useLocale, type Locale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { Problem } from '@/part/state';
import { Dot, Tag } from '@/part/tag';
import { Ago, Day } from '@/part/when';
import { Entries, type Entry } from './entries';
import { ConsentsSheet, LabelsSheet, LinksSheet, SegmentsSheet, useLinked } from './summary-sheets';
import css from './contact-page.module.css';

const mailTo = (email: string) => email && <Anchor href={`mailto:${email}`}>{email}</Anchor>;
const dial = (number: string) => number && <Anchor href={`tel:${number}`}>{number}</Anchor>;

function addressText(contact: ContactFullFragment, { format }: Locale): string {
  const { lines, postcode, city, country } = contact.address;
  return [...lines, `${postcode} ${city}`.trim(), format.country(country)].filter(Boolean).join('\n');
}

function mainEntries(contact: ContactFullFragment, locale: Locale): Entry[] {
  const { t, tn, format } = locale;
  const entries: Entry[] = [
    [t('contact.field.email'), mailTo(contact.email)],
    [t('contact.field.mobile'), dial(contact.mobile)],
    [t('contact.field.phone'), dial(contact.phone)],
    [t('contact.field.fax'), contact.fax],
    ...contact.otherEmails.map((one): Entry => [one.label || t('contact.field.email'), mailTo(one.value)]),
    ...contact.otherPhones.map((one): Entry => [one.label || t('contact.field.phone'), dial(one.value)]),
    [t('contact.field.address'), addressText(contact, locale)],
    [t('contact.field.language'), format.language(contact.language)],
  ];
  if (contact.__typename === 'Person') {
    const birth = contact.birthDate && `${format.day(contact.birthDate)}${contact.age === null ? '' : ` · ${tn('contact.age', contact.age)}`}`;
    entries.push([t('contact.field.function'), contact.function?.name], [t('contact.field.birthDate'), birth], [t('contact.field.company'), contact.company]);
  }
  entries.push([t('contact.field.nature'), contact.nature?.name]);
  entries.push(...contact.seats.map((seat): Entry => [t('contact.field.seats'), [seat.venue, seat.zone, seat.row, seat.seat].filter(Boolean).join(' · ')]));
  entries.push(...contact.references.map((one): Entry => [one.source, one.externalId]));
  return entries.filter(([, value]) => value);
}

interface Props {
  contact: ContactFullFragment;
  /** Counts the contact's changes: its links, labels and consents are among them. */
  changes: number;
}

/** What matters about a contact and is linked to it, at a glance (S-23). */
export function SummaryTab({ contact, changes }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const entries = mainEntries(contact, locale);
  const { linked, error, read } = useLinked(contact.id, changes);
  return (
    <div className={css.columns}>
      <div>
        <IndicatorsSheet contact={contact} />
        <Sheet title={t('contact.summary.reach')}>
          {entries.length > 0 ? <Entries entries={entries} /> : <p className={css.empty}>{t('contact.summary.nothing')}</p>}
        </Sheet>
        {error && (
          <Sheet title={t('contact.tab.links')}>
            <Problem error={error} retry={read} />
          </Sheet>
        )}
        {linked && <LinksSheet linked={linked} />}
        <AnswersSheet contact={contact} />
      </div>
      <div>
        <Sheet title={t('contact.tab.groups')}>
          {contact.groups.length > 0 ? (
            <div className={css.chips}>
              {contact.groups.map((group) => (
                <Anchor key={group.id} component={Link} to={`/groups/${group.id}`} c="inherit">
                  <Dot color={group.color}>{group.name}</Dot>
                </Anchor>
              ))}
            </div>
          ) : (
            <p className={css.empty}>{t('contact.summary.noGroups')}</p>
          )}
        </Sheet>
        {linked && <LabelsSheet labels={linked.labels} />}
        <OffersSheet id={contact.id} changes={changes} />
        <SegmentsSheet id={contact.id} changes={changes} />
        {linked && <ConsentsSheet consents={linked.consents} />}
        {contact.note && (
          <Sheet title={t('contact.tab.notes')}>
            <p className={css.note}>{contact.note}</p>
          </Sheet>
        )}
        <Sheet title={t('contact.summary.record')}>
          <Entries
            entries={[
              [t('contact.field.createdAt'), <Day key="created" at={contact.createdAt} />],
              [t('contact.field.source'), t(`contact.source.${contact.source}`)],
              [t('contact.field.updatedAt'), <Ago key="updated" at={contact.updatedAt} />],
            ]}
          />
        </Sheet>
      </div>
    </div>
  );
}

function AnswersSheet({ contact }: { contact: ContactFullFragment }) {
  const { t } = useLocale();
  const fields = useFields();
  const answered = contact.answers.flatMap((answer) => {
    const field = fields.byId.get(answer.field.id);
    return field ? [{ field, answer }] : [];
  });
  if (answered.length === 0) return null;
  return (
    <Sheet title={t('contact.tab.additional')}>
      <dl className={css.list}>
        {answered.map(({ field, answer }) => (
          <div key={field.id} className={css.entry}>
            <dt>{field.label}</dt>
            <dd>
              {answer.display} {field.internal && <Tag>{t('field.internal')}</Tag>}
            </dd>
          </div>
        ))}
      </dl>
    </Sheet>
  );
}
