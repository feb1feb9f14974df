import { Button, Drawer, Progress } from '@mantine/core';
import { Gauge, Plus } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { SettingsFrame } from '@/feature/setting/settings-frame';
import { DeleteIndicatorDocument, IndicatorsDocument, UpdateIndicatorDocument, type IndicatorFullFragment, type UpdateIndicatorInput } from '@/gql/graphql';
import { useLocale, type Locale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { useMoney } from '@/part/money';
import { Sheet } from '@/part/page';
import { ListRow, neighbour, RowList } from '@/part/row-list';
import { Empty, Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { useEvery } from '@/part/use-every';
import { productName } from './draft';
import { indicatorIcons } from './icons';
import { IndicatorForm } from './indicator-form';
import css from './indicator.module.css';

/** How often the page looks how far a count is. */
const lookEvery = 1000;

/** Contacts > Settings > Indicators: what the site wants counted of each contact's sales (S-26, S-50). */
export default function IndicatorsPage() {
  const { t } = useLocale();
  const { can } = useSession();
  const [{ data, error }, reload] = useQuery({ query: IndicatorsDocument, requestPolicy: 'cache-and-network' });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const [open, setOpen] = useState<IndicatorFullFragment | 'new' | null>(null);
  const all = data?.indicators ?? [];
  useEvery(lookEvery, () => all.some((one) => one.recount !== null) && refresh());
  const add = can('MANAGER') && (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setOpen('new')}>
      {t('indicator.add')}
    </Button>
  );
  return (
    <SettingsFrame title={t('setting.tab.indicators')} actions={all.length > 0 && add}>
      {error && !data ? (
        <Problem error={error} retry={refresh} />
      ) : !data ? (
        <Loading />
      ) : all.length === 0 ? (
        <Empty icon={Gauge} title={t('indicator.empty')} action={add}>
          {t('indicator.emptyText')}
        </Empty>
      ) : (
        <List all={all} onEdit={setOpen} onChange={refresh} />
      )}
      <Drawer opened={open !== null} onClose={() => setOpen(null)} size="lg" title={open === 'new' ? t('indicator.add') : t('indicator.edit')} closeButtonProps={{ 'aria-label': t('action.close') }}>
        {open && <IndicatorForm indicator={open === 'new' ? null : open} onClose={() => setOpen(null)} onSaved={refresh} />}
      </Drawer>
    </SettingsFrame>
  );
}

interface ListProps {
  all: readonly IndicatorFullFragment[];
  onEdit: (one: IndicatorFullFragment) => void;
  onChange: () => void;
}

function List({ all, onEdit, onChange }: ListProps) {
  const { t } = useLocale();
  const { can } = useSession();
  const confirm = useConfirm();
  const { send, busy } = useSend(UpdateIndicatorDocument);
  const { send: sendDelete, busy: deleting } = useSend(DeleteIndicatorDocument);
  const ok = useTellErrors();
  const change = async (input: UpdateIndicatorInput) => {
    if (ok(await send({ input }))) onChange();
  };
  const remove = async ({ id, name }: IndicatorFullFragment) => {
    const sure = await confirm({ title: t('indicator.deleteTitle', { name }), text: t('indicator.deleteText'), yes: t('action.delete'), danger: true });
    if (sure && ok(await sendDelete({ input: { id } }))) onChange();
  };
  const live = all.filter((one) => one.archivedAt === null);
  const archived = all.filter((one) => one.archivedAt !== null);
  // A place among all, those put away among them.
  const move = (one: IndicatorFullFragment) => (other: IndicatorFullFragment) => void change({ id: one.id, position: all.indexOf(other) });
  const manager = can('MANAGER');
  const row = (one: IndicatorFullFragment, index: number) => (
    <ListRow
      key={one.id}
      icon={indicatorIcons[one.icon]}
      name={one.name}
      facts={<Facts one={one} />}
      busy={busy || deleting}
      {...(manager && one.archivedAt === null && {
        onEdit: () => onEdit(one),
        onArchive: () => void change({ id: one.id, archived: true }),
        onUp: neighbour(live, index - 1, move(one)),
        onDown: neighbour(live, index + 1, move(one)),
      })}
      {...(manager && one.archivedAt !== null && { onRestore: () => void change({ id: one.id, archived: false }) })}
      {...(manager && { onDelete: () => void remove(one) })}
    />
  );
  return (
    <>
      <Sheet title={t('indicator.title')} lead={t('indicator.lead')}>
        <RowList label={t('indicator.title')}>{live.map(row)}</RowList>
      </Sheet>
      {archived.length > 0 && (
        <Sheet title={t('indicator.archived')} lead={t('indicator.archivedLead')}>
          <RowList label={t('indicator.archived')}>{archived.map(row)}</RowList>
        </Sheet>
      )}
    </>
  );
}

/** Which days count, in words. */
function periodText(one: IndicatorFullFragment, { t, tn, format }: Locale): string {
  if (one.period === 'LAST_DAYS') return tn('indicator.lastDays', one.days ?? 0);
  if (one.period === 'YEAR') return t('indicator.yearFrom', { day: String(one.startDay ?? 1), month: format.month(one.startMonth ?? 1) });
  return t('indicator.periods.ALL_TIME');
}

function Facts({ one }: { one: IndicatorFullFragment }) {
  const locale = useLocale();
  const { t, format } = locale;
  const money = useMoney();
  const narrowed = [...one.products.map(productName), ...one.events.map(({ name }) => name), ...one.kinds.map((kind) => t(`sale.kind.${kind}`)), ...one.channels];
  const bands = one.bands.map(({ label, from }) => `${label} ≥ ${one.measure === 'SPENT' ? money(from) : format.number(from)}`);
  return (
    <span className={css.facts}>
      <span>{[t(`indicator.of.${one.measure}`), periodText(one, locale), narrowed.join(', '), bands.join(', ')].filter(Boolean).join(' · ')}</span>
      {one.segments.map(({ id, name }) => (
        <Link key={id} to={`/segments/${id}`}>
          <Tag>{name}</Tag>
        </Link>
      ))}
      {one.recount && (
        <>
          <Tag tone="warn">{t('indicator.counting', { done: format.number(one.recount.done), total: format.number(one.recount.total) })}</Tag>
          <Progress aria-label={t('indicator.progress', { name: one.name })} value={(100 * one.recount.done) / Math.max(one.recount.total, 1)} w="8rem" size="sm" />
        </>
      )}
    </span>
  );
}
