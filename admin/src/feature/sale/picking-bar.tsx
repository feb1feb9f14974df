import { Button } from '@mantine/core';
import { UserCheck } from 'lucide-react';
import { useNavigate } from 'react-router';
import { useLocale } from '@/locale/locale';
import { put } from './cart';
import { useCart } from './use-cart';
import css from './sale.module.css';

/** Above the book while somebody is looked for there for a sale (S-92). */
export function PickingBar() {
  const { t } = useLocale();
  const { cart, update } = useCart();
  const navigate = useNavigate();
  if (!cart.picking) return null;
  const back = () => {
    update((one) => ({ ...one, picking: null }));
    void navigate('/sale');
  };
  return (
    <div className={css.picking} role="status">
      <span>{t('sale.picking')}</span>
      <Button variant="default" size="compact-sm" onClick={back}>
        {t('sale.backToSale')}
      </Button>
    </div>
  );
}

/** Puts a row's contact on the sale; undefined while nobody is looked for. */
export function usePickForSale(): ((row: { id: string; displayName: string }) => React.ReactNode) | undefined {
  const { t } = useLocale();
  const { cart, update } = useCart();
  const navigate = useNavigate();
  const { picking } = cart;
  if (!picking) return undefined;
  return (row) => (
    <Button
      size="compact-sm"
      variant="light"
      px={6}
      aria-label={t('sale.pick', { name: row.displayName })}
      title={t('sale.pick', { name: row.displayName })}
      onClick={() => {
        update((one) => put(one, picking, { id: row.id, name: row.displayName }));
        void navigate('/sale');
      }}
    >
      <UserCheck size={16} aria-hidden />
    </Button>
  );
}
