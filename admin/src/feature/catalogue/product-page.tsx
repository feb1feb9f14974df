import { Anchor, Button, Drawer } from '@mantine/core';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useQuery } from 'urql';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { useTaken } from '@/feature/event/words';
import { useSession } from '@/feature/session/session';
import { ArchiveProductDocument, DeleteProductDocument, ProductDocument, type ProductQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { useMoney } from '@/part/money';
import { Page, Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { CatalogueHistory } from './catalogue-history';
import { Prices } from './prices';
import { ProductForm } from './product-form';
import { Quotas } from './quotas';
import { Slots } from './slots';
import { useTerms } from './words';
import css from './catalogue.module.css';

/** Something the site sells: what it costs whom, and how much of it somebody may have. */
export default function ProductPage() {
  const { t } = useLocale();
  const { can } = useSession();
  const { id = '' } = useParams();
  const [{ data, error }, reload] = useQuery({ query: ProductDocument, variables: { id }, requestPolicy: 'cache-and-network' });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const [editing, setEditing] = useState(false);
  const archive = useSend(ArchiveProductDocument);
  const remove = useSend(DeleteProductDocument);
  const ok = useTellErrors();
  const confirm = useConfirm();
  const go = useNavigate();
  const product = data?.product;
  if (!product) {
    return (
      <Page title={t('nav.catalogue')} back={{ to: '/catalogue', label: t('nav.catalogue') }}>
        {error ? <Problem error={error} retry={refresh} /> : <Loading />}
      </Page>
    );
  }
  const archived = product.archivedAt !== null;
  const back = product.event ? { to: `/events/${product.event.id}`, label: product.event.name } : { to: '/catalogue', label: t('nav.catalogue') };
  const toggle = async () => {
    if (ok(await archive.send({ input: { id, archived: !archived } }))) refresh();
  };
  const doDelete = async () => {
    const { name } = product;
    const sure = await confirm({ title: t('event.deleteTitle', { name }), text: t('catalogue.deleteText'), yes: t('action.delete'), danger: true });
    if (!sure || !ok(await remove.send({ input: { id } }))) return;
    confirmDone(t('catalogue.deleted', { name }));
    void go(back.to, { replace: true });
  };
  return (
    <Page
      title={product.name}
      back={back}
      heading={
        <span className={css.heading}>
          {product.name} {archived && <Tag>{t('catalogue.archived')}</Tag>}
        </span>
      }
      actions={
        can('MANAGER') && (
          <>
            <Button variant="default" color="red" loading={remove.busy} onClick={() => void doDelete()}>
              {t('action.delete')}
            </Button>
            <Button variant="default" loading={archive.busy} onClick={() => void toggle()}>
              {archived ? t('catalogue.restore') : t('catalogue.archive')}
            </Button>
            <Button variant="default" onClick={() => setEditing(true)}>
              {t('event.edit')}
            </Button>
          </>
        )
      }
    >
      <Details product={product} />
      {product.kind === 'RESOURCE' && <Slots product={product} />}
      <Prices product={product} onChange={refresh} />
      <Quotas product={product} onChange={refresh} />
      <CatalogueHistory key={String(archived)} of={product.id} />
      <Drawer opened={editing} onClose={() => setEditing(false)} title={product.name} closeButtonProps={{ 'aria-label': t('action.close') }}>
        <ProductForm
          product={product}
          kind={product.kind}
          onClose={() => setEditing(false)}
          onSaved={() => {
            setEditing(false);
            confirmDone(t('form.saved'));
            refresh();
          }}
        />
      </Drawer>
    </Page>
  );
}

function Details({ product }: { product: ProductQuery['product'] }) {
  const { t } = useLocale();
  const money = useMoney();
  const taken = useTaken();
  const terms = useTerms()(product);
  return (
    <Sheet title={t('event.details')}>
      <dl className={css.facts}>
        <dt>{t('catalogue.kindLabel')}</dt>
        <dd>{t(`catalogue.kind.${product.kind}`)}</dd>
        <dt>{t('catalogue.everybody')}</dt>
        <dd>{money(product.price)}</dd>
        {terms && (
          <>
            <dt>{t('catalogue.terms')}</dt>
            <dd>{terms}</dd>
          </>
        )}
        <dt>{t('event.sold')}</dt>
        <dd>{taken(product)}</dd>
        {product.reserved && (
          <>
            <dt>{t('catalogue.forWhom')}</dt>
            <dd>{t('catalogue.reserved')}</dd>
          </>
        )}
        {product.supplier && (
          <>
            <dt>{t('catalogue.supplier')}</dt>
            <dd>
              <Anchor component={Link} to={`/contacts/${product.supplier.id}`}>
                {product.supplier.displayName}
              </Anchor>
            </dd>
          </>
        )}
        {product.description && (
          <>
            <dt>{t('event.description')}</dt>
            <dd>{product.description}</dd>
          </>
        )}
      </dl>
    </Sheet>
  );
}
