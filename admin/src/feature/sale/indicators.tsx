import { ActionIcon, Checkbox, Popover } from '@mantine/core';
import { Baby, BadgeCheck, CalendarCheck, Coins, Hourglass, IdCard, Languages, SlidersHorizontal, Store, type LucideIcon } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { indicatorIcons } from '@/feature/indicator/icons';
import { IndicatorText } from '@/feature/indicator/indicator-value';
import { useIndicators } from '@/feature/indicator/use-indicators';
import type { ContactFullFragment } from '@/gql/graphql';
import { useLocale, type Locale } from '@/locale/locale';
import { Money } from '@/part/money';
import { Sheet } from '@/part/page';
import { channelName } from './channel';
import css from './indicators.module.css';

/** The indicators, in the order they are shown (S-27). */
const indicatorNames = ['language', 'subscriber', 'seniority', 'assiduity', 'channel', 'spending', 'childProduct', 'adherent'] as const;
type BuiltIn = (typeof indicatorNames)[number];

const icons: Record<BuiltIn, LucideIcon> = {
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
function valueOf(name: BuiltIn, contact: ContactFullFragment, locale: Locale): ReactNode {
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

const key = 'carnet.indicators.hidden';

/** An indicator as it is shown: one that every site has, or one of the site's own. */
interface Shown {
  /** What this browser keeps it by. */
  key: string;
  label: string;
  Icon: LucideIcon;
  value: ReactNode;
}

/** All there are of a contact, in their order, the site's own last. */
function useShown(contact: ContactFullFragment): Shown[] {
  const locale = useLocale();
  const { indicators } = useIndicators();
  return [
    ...indicatorNames.map((name) => ({ key: name, label: locale.t(`sale.indicator.${name}`), Icon: icons[name], value: valueOf(name, contact, locale) })),
    ...indicators.map(({ id, name, icon, measure }) => {
      const value = contact.indicators.find((one) => one.indicator.id === id);
      return { key: id, label: name, Icon: indicatorIcons[icon], value: value && value.value !== null && <IndicatorText value={value} measure={measure} /> };
    }),
  ];
}

/** Which indicators this browser hides: none, until somebody chooses. */
function useHidden(): [readonly string[], (keys: readonly string[]) => void] {
  const [hidden, hide] = useState<readonly string[]>(() => localStorage.getItem(key)?.split(',') ?? []);
  return [
    hidden,
    (keys) => {
      localStorage.setItem(key, keys.join(','));
      hide(keys);
    },
  ];
}

/** What a contact's sales say of it, at a glance, with a choice among them (S-26). */
export function IndicatorsSheet({ contact }: { contact: ContactFullFragment }) {
  const { t } = useLocale();
  const all = useShown(contact);
  const [hidden, hide] = useHidden();
  const shown = all.filter((one) => !hidden.includes(one.key));
  return (
    <Sheet title={t('sale.indicators')} aside={<Chooser all={all} hidden={hidden} hide={hide} />}>
      {shown.length > 0 ? (
        <dl className={css.tiles}>
          {shown.map(({ key: name, label, Icon, value }) => (
            <div key={name} className={css.tile}>
              <Icon size={18} aria-hidden className={css.icon} />
              <dt>{label}</dt>
              <dd>{value || <span className="dim">–</span>}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <p className={css.none}>{t('sale.noneChosen')}</p>
      )}
    </Sheet>
  );
}

interface ChooserProps {
  all: readonly Shown[];
  hidden: readonly string[];
  hide: (keys: readonly string[]) => void;
}

function Chooser({ all, hidden, hide }: ChooserProps) {
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
          {all.map(({ key: name, label }) => (
            <Checkbox
              key={name}
              label={label}
              checked={!hidden.includes(name)}
              onChange={({ currentTarget: { checked } }) => hide(checked ? hidden.filter((one) => one !== name) : [...hidden, name])}
            />
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
