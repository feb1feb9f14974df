import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import type { DuplicateSideFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Avatar } from '@/part/avatar';
import { Dot, Tags } from '@/part/tag';
import css from './duplicate.module.css';

/** What tells one of two contacts from the other. */
export function Side({ contact, same }: { contact: DuplicateSideFragment; same: DuplicateSideFragment }) {
  const { t, format } = useLocale();
  const facts = factsOf(contact, format);
  const others = factsOf(same, format);
  return (
    <div className={css.side}>
      <div className={css.who}>
        <Avatar name={contact.displayName} kind={contact.kind} color={contact.color} size={34} />
        <span>
          <Anchor component={Link} to={`/contacts/${contact.id}`} c="inherit" fw={600} className={css.name}>
            {contact.displayName}
          </Anchor>
          <span className={css.meta}>
            № {contact.number} · {t('duplicate.since', { day: format.day(contact.createdAt.slice(0, 10)) })}
          </span>
        </span>
      </div>
      <dl className={css.facts}>
        {facts.map(([key, value]) => (
          <div key={key} className={css.fact}>
            <dt>{t(`contact.field.${key}`)}</dt>
            <dd data-same={others.some(([k, v]) => k === key && v === value) || undefined}>{value}</dd>
          </div>
        ))}
      </dl>
      {contact.groups.length > 0 && (
        <Tags>
          {contact.groups.map((group) => (
            <Dot key={group.id} color={group.color}>
              {group.name}
            </Dot>
          ))}
        </Tags>
      )}
    </div>
  );
}

type FactKey = 'birthDate' | 'email' | 'phone' | 'mobile' | 'address' | 'company';

function factsOf(contact: DuplicateSideFragment, format: ReturnType<typeof useLocale>['format']): [FactKey, string][] {
  const { lines, postcode, city, country } = contact.address;
  const place = [...lines, [postcode, city].filter(Boolean).join(' '), country && format.country(country)].filter(Boolean).join(', ');
  const person = 'birthDate' in contact ? contact : null;
  const facts: [FactKey, string][] = [
    ['birthDate', person?.birthDate ? format.day(person.birthDate) : ''],
    ['email', contact.email],
    ['mobile', contact.mobile],
    ['phone', contact.phone],
    ['address', place],
    ['company', person?.company ?? ''],
  ];
  return facts.filter(([, value]) => value);
}
