import { Button, Drawer, Menu, SegmentedControl, Switch, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { ChevronDown, Plus, Search, Tags } from 'lucide-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useQuery } from 'urql';
import { useSession } from '@/feature/session/session';
import { ProductsDocument, type ProductKind } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Page } from '@/part/page';
import { Pager, usePages } from '@/part/pager';
import { Empty, Loading, Problem } from '@/part/state';
import { CatalogueHistoryButton } from './catalogue-history';
import { ProductForm } from './product-form';
import { ProductTable } from './product-table';
import css from './catalogue.module.css';

const kinds = ['MEMBERSHIP', 'PASS', 'RESOURCE'] as const satisfies ProductKind[];
type Kind = (typeof kinds)[number];

/** What the site sells beside tickets, which stand with their events. */
export default function CataloguePage() {
  const { t } = useLocale();
  const { can } = useSession();
  const go = useNavigate();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 200);
  const [kind, setKind] = useState<Kind | ''>('');
  const [archived, setArchived] = useState(false);
  const [adding, setAdding] = useState<Kind | null>(null);
  const pages = usePages();
  const [{ data, error }, reload] = useQuery({
    query: ProductsDocument,
    variables: { search, kinds: kind === '' ? [...kinds] : [kind], archived, after: pages.after },
    requestPolicy: 'cache-and-network',
  });
  const rows = data?.products.nodes ?? [];
  const narrowed = search !== '' || kind !== '' || archived;
  const add = can('MANAGER') && (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button leftSection={<Plus size={16} aria-hidden />} rightSection={<ChevronDown size={15} aria-hidden />}>
          {t('catalogue.add')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {kinds.map((one) => (
          <Menu.Item key={one} onClick={() => setAdding(one)}>
            {t(`catalogue.kind.${one}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
  return (
    <Page title={t('nav.catalogue')} lead={t('catalogue.lead')} actions={<><CatalogueHistoryButton />{add}</>}>
      <div className={css.tools} role="search" aria-label={t('catalogue.find')}>
        <TextInput
          type="search"
          aria-label={t('catalogue.search')}
          placeholder={t('catalogue.search')}
          leftSection={<Search size={15} aria-hidden />}
          className={css.search}
          data-page-search
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            pages.reset();
          }}
        />
        <SegmentedControl
          aria-label={t('catalogue.kindLabel')}
          value={kind}
          onChange={(value) => {
            setKind(value as Kind | '');
            pages.reset();
          }}
          data={[{ value: '', label: t('catalogue.anyKind') }, ...kinds.map((value) => ({ value, label: t(`catalogue.kinds.${value}`) }))]}
        />
        <Switch
          label={t('catalogue.showArchived')}
          checked={archived}
          onChange={(event) => {
            setArchived(event.currentTarget.checked);
            pages.reset();
          }}
        />
      </div>
      {error && !data ? (
        <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
      ) : !data ? (
        <Loading />
      ) : rows.length === 0 ? (
        <Empty icon={Tags} title={narrowed ? t('catalogue.none') : t('catalogue.empty')} action={narrowed ? undefined : add}>
          {narrowed ? undefined : t('catalogue.emptyText')}
        </Empty>
      ) : (
        <>
          <ProductTable label={t('nav.catalogue')} rows={rows} />
          <Pager pages={pages.pages} go={pages.go} place={data.products.pageInfo} />
        </>
      )}
      <Drawer opened={adding !== null} onClose={() => setAdding(null)} title={adding && t(`catalogue.addOne.${adding}`)} closeButtonProps={{ 'aria-label': t('action.close') }}>
        {adding && <ProductForm product={null} kind={adding} onClose={() => setAdding(null)} onSaved={(id) => void go(`/catalogue/${id}`)} />}
      </Drawer>
    </Page>
  );
}
