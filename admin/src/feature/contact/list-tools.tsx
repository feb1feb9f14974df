import { ActionIcon, Button, Menu, SegmentedControl, Select } from '@mantine/core';
import { SlidersHorizontal, Settings2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useIndicators } from '@/feature/indicator/use-indicators';
import type { ContactKind } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { SearchInput } from '@/part/search-input';
import { Tag } from '@/part/tag';
import { usePhone } from '@/theme/screen';
import { orderColumns, type ChangeList, type ListOrder, type ListParams } from './list-params';
import css from './list-tools.module.css';

interface Props {
  params: ListParams;
  change: ChangeList;
  /** Whether the page is about one kind, so that there is none to choose. */
  fixedKind: boolean;
  /** The advanced search: whether it is open, how many of its criteria are in use, and what it is called in the page. */
  advanced: { open: boolean; count: number; id: string; toggle: () => void };
  /** More tools, at the end. */
  children?: ReactNode;
}

/** The row above the list: search, kind, and what else is shown. */
export function ListTools({ params, change, fixedKind, advanced, children }: Props) {
  const { t } = useLocale();
  const phone = usePhone();
  const orders = useOrders();
  return (
    <div className={css.tools} role="search" aria-label={t('contact.list.find')}>
      <SearchInput
        className={css.search}
        data-page-search
        aria-label={t('contact.list.search')}
        placeholder={t('contact.list.searchHint')}
        hint={<kbd className={css.kbd} aria-hidden>/</kbd>}
        clear={t('contact.list.clear')}
        maxLength={undefined}
        value={params.search}
        onChange={(search) => change({ search }, true)}
      />
      <Button
        variant={advanced.open ? 'light' : 'default'}
        size="sm"
        leftSection={<SlidersHorizontal size={15} aria-hidden />}
        aria-expanded={advanced.open}
        aria-controls={advanced.open ? advanced.id : undefined}
        onClick={advanced.toggle}
      >
        {advanced.count > 0 ? t('contactList.advancedCount', { n: advanced.count }) : t('contactList.advanced')}
      </Button>
      {!fixedKind && (
        <SegmentedControl
          aria-label={t('contact.list.kind')}
          value={params.kind}
          onChange={(kind) => change({ kind: kind as ContactKind | '' })}
          data={[
            { value: '', label: t('contact.list.allKinds') },
            { value: 'PERSON', label: t('contact.list.people') },
            { value: 'ORGANIZATION', label: t('contact.list.organizations') },
          ]}
        />
      )}
      {phone && (
        <Select
          aria-label={t('contact.list.sort')}
          className={css.sort}
          allowDeselect={false}
          value={params.by}
          onChange={(by) => by && change({ by: by as ListOrder }, true)}
          data={orders}
        />
      )}
      {params.trash && <Tag tone="danger">{t('contact.list.trash')}</Tag>}
      <span className={css.end}>
        {children}
        <ListMenu params={params} change={change} />
      </span>
    </div>
  );
}

/** What the list can be sorted by, the site's own indicators last. */
function useOrders(): { value: ListOrder; label: string }[] {
  const { t } = useLocale();
  const { indicators } = useIndicators();
  return [...orderColumns.map((value) => ({ value, label: t(`contact.column.${value}`) })), ...indicators.map(({ id, name }) => ({ value: `indicator:${id}` as const, label: name }))];
}

function ListMenu({ params, change }: Pick<Props, 'params' | 'change'>) {
  const { t } = useLocale();
  const orders = useOrders();
  return (
    <Menu closeOnItemClick>
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={t('contact.list.view')}>
          <Settings2 size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('contact.list.sort')}</Menu.Label>
        {orders.map(({ value, label }) => (
          <Menu.Item key={value} onClick={() => change({ by: value }, true)} rightSection={params.by === value ? '✓' : undefined}>
            {label}
          </Menu.Item>
        ))}
        <Menu.Item onClick={() => change({ direction: params.direction === 'ASC' ? 'DESC' : 'ASC' }, true)}>
          {params.direction === 'ASC' ? t('contact.list.descending') : t('contact.list.ascending')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('contact.list.show')}</Menu.Label>
        <Menu.Item onClick={() => change({ trash: !params.trash })}>{params.trash ? t('contact.list.leaveTrash') : t('contact.list.showTrash')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
