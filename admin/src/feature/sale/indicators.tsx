import { ActionIcon, Checkbox, Popover } from '@mantine/core';
import { Baby, BadgeCheck, CalendarCheck, Coins, Hourglass, IdCard, Languages, SlidersHorizontal, Store, type LucideIcon } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { ContactFullFragment } from '@/gql/graphql';
import { useLocale, type Locale } from '@/locale/locale';
import { Money } from '@/part/money';
import { Sheet } from '@/part/page';
import { channelName } from './channel';
import css from './indicators.module.css';

/** The indicators, in the order they are shown (S-27). */
const indicatorNames = ['language', 'subscriber', 'seniority', 'assiduity', 'channel', 'spending', 'childProduct', 'adherent'] as const;
type Indicator = (typeof indicatorNames)[number];

const icons: Record<Indicator, LucideIcon> = {
  language: Languages, subscriber: BadgeCheck, seniority: Hourglass, assiduity: CalendarCheck, channel: Store, spending: Coins, childProduct: Baby, adherent: IdCard,
};

const day = 86_400_000;

/** How long ago a day was, in whole years, else months, else days. */
function since(iso: string, { tn }: Locale): string {
  const days = Math.max(0, Math.floor((Date.now() - new Date(`${iso}T00:00:00`).getTime()) / day));
  if (days < 31) return tn('sale.days', days);
  return days < 365 ? tn('sale.months', Math.floor(days / 30.5)) : tn('sale.years', Math.floor(days / 365.25) || 1);
}

/** An indicator's value; nothing while there is none. All of them are computed (S-50, S-51). */
function valueOf(name: Indicator, contact: ContactFullFragment, locale: Locale): ReactNode {
  const { t, format, known } = locale;
  const sales = contact.salesSummary;
  const yes = (is: boolean) => t(is ? 'answer.yes' : 'answer.no');
  switch (name) {
    case 'language':
      return format.language(contact.language);
    case 'subscriber':
      return yes(contact.statuses.includes('SUBSCRIBER'));
    case 'seniority':
      return sales.firstPurchaseOn && since(sales.firstPurchaseOn, locale);
    case 'assiduity':
      return sales.assiduity !== null && (
        <>
          {format.percent(sales.assiduity / 100)} <span className="dim">{t('sale.attendedOf', { attended: sales.attended, due: sales.due })}</span>
        </>
      );
    case 'channel':
      return channelName(sales.channel, known);
    case 'spending':
      return sales.spendBand !== 'NONE' && (
        <>
          {t(`sale.band.${sales.spendBand}`)}{' '}
          <span className="dim">
            <Money amount={sales.spent} />
          </span>
        </>
      );
    case 'childProduct':
      return yes(sales.childProduct);
    case 'adherent':
      return (
        sales.plans.length > 0 && (
          <>
            {sales.plans.map((plan) => plan.name).join(', ')} {sales.subscribedUntil && <span className="dim">{t('sale.until', { day: format.day(sales.subscribedUntil) })}</span>}
          </>
        )
      );
  }
}

const key = 'carnet.indicators';

/** Which indicators this browser shows; all, until somebody chooses. */
function useChosen(): [readonly Indicator[], (names: readonly Indicator[]) => void] {
  const [chosen, choose] = useState<readonly Indicator[]>(() => {
    const kept = localStorage.getItem(key)?.split(',');
    return kept ? indicatorNames.filter((name) => kept.includes(name)) : indicatorNames;
  });
  return [
    chosen,
    (names) => {
      localStorage.setItem(key, names.join(','));
      choose(names);
    },
  ];
}

/** What a contact's sales say of it, at a glance, with a choice among them (S-26). */
export function IndicatorsSheet({ contact }: { contact: ContactFullFragment }) {
  const locale = useLocale();
  const { t } = locale;
  const [chosen, choose] = useChosen();
  return (
    <Sheet title={t('sale.indicators')} aside={<Chooser chosen={chosen} choose={choose} />}>
      {chosen.length > 0 ? (
        <dl className={css.tiles}>
          {chosen.map((name) => {
            const Icon = icons[name];
            return (
              <div key={name} className={css.tile}>
                <Icon size={18} aria-hidden className={css.icon} />
                <dt>{t(`sale.indicator.${name}`)}</dt>
                <dd>{valueOf(name, contact, locale) || <span className="dim">–</span>}</dd>
              </div>
            );
          })}
        </dl>
      ) : (
        <p className={css.none}>{t('sale.noneChosen')}</p>
      )}
    </Sheet>
  );
}

function Chooser({ chosen, choose }: { chosen: readonly Indicator[]; choose: (names: readonly Indicator[]) => void }) {
  const { t } = useLocale();
  return (
    <Popover position="bottom-end" trapFocus withinPortal>
      <Popover.Target>
        <ActionIcon variant="subtle" aria-label={t('sale.choose')}>
          <SlidersHorizontal size={16} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('sale.choose')}>
        <div className={css.choices}>
          {indicatorNames.map((name) => (
            <Checkbox
              key={name}
              label={t(`sale.indicator.${name}`)}
              checked={chosen.includes(name)}
              onChange={({ currentTarget: { checked } }) => choose(indicatorNames.filter((one) => (one === name ? checked : chosen.includes(one))))}
            />
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
