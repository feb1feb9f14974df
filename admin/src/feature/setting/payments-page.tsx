import { Anchor, Button, Code, Group, PasswordInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { ProviderTable } from '@/feature/order/provider-table';
import { PaymentSettingsDocument, RemoveStripeAccountDocument, SaveStripeAccountDocument, type StripeAccountFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { CopyBlock } from '@/part/copy';
import { Refused, Stack } from '@/part/form';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { SettingsFrame } from './settings-frame';

/** What Stripe is to tell; each of them is read (internal/pay/stripe_event.go). */
const events = ['checkout.session.completed', 'checkout.session.async_payment_succeeded', 'checkout.session.async_payment_failed', 'checkout.session.expired', 'refund.created', 'refund.updated', 'refund.failed'];

/** Who collects for the site, and what came and could not be booked. */
export default function PaymentsPage() {
  const { t, format } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: PaymentSettingsDocument, requestPolicy: 'cache-and-network' });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  return (
    <SettingsFrame title={t('setting.tab.payments')}>
      {data ? (
        <>
          <StripeSheet key={data.stripeAccount.changedAt ?? ''} account={data.stripeAccount} onChange={refresh} />
          {data.heldPayments.length > 0 && (
            <Sheet title={t('setting.payments.held')} lead={t('setting.payments.heldLead')}>
              <ProviderTable
                label={t('setting.payments.held')}
                rows={data.heldPayments}
                more={[
                  {
                    key: 'order',
                    header: t('order.number'),
                    width: '6rem',
                    cell: ({ order }) =>
                      order ? (
                        <Anchor component={Link} to={`/orders/${order.id}`}>
                          {format.number(order.number)}
                        </Anchor>
                      ) : (
                        t('order.at.noOrder')
                      ),
                  },
                ]}
              />
            </Sheet>
          )}
        </>
      ) : error ? (
        <Problem error={error} retry={refresh} />
      ) : (
        <Loading />
      )}
    </SettingsFrame>
  );
}

/** The site's account at Stripe. Its secrets are never shown again. */
function StripeSheet({ account, onChange }: { account: StripeAccountFragment; onChange: () => void }) {
  const locale = useLocale();
  const { t, format } = locale;
  const confirm = useConfirm();
  const ok = useTellErrors();
  const { send, busy } = useSend(SaveStripeAccountDocument);
  const { send: sendRemove } = useSend(RemoveStripeAccountDocument);
  const [rest, setRest] = useState<string[]>([]);
  const form = useForm({ initialValues: { secretKey: '', webhookSecret: '' } });
  const there = account.changedAt !== null;
  const submit = async (values: typeof form.values) => {
    const payload = await send({ input: { ...(values.secretKey && { secretKey: values.secretKey }), ...(values.webhookSecret && { webhookSecret: values.webhookSecret }) } });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, values);
    form.setErrors(refusal.fields);
    setRest(refusal.rest);
    if (payload.errors.length > 0) return;
    form.reset();
    confirmDone(t('setting.payments.saved'));
    onChange();
  };
  const remove = async () => {
    const sure = await confirm({ title: t('setting.payments.removeTitle'), text: t('setting.payments.removeText'), yes: t('setting.payments.remove'), danger: true });
    if (sure && ok(await sendRemove({}))) {
      confirmDone(t('setting.payments.removed'));
      onChange();
    }
  };
  const secret = { autoComplete: 'new-password', spellCheck: false, visibilityToggleButtonProps: { 'aria-label': t('session.showPassword') } };
  return (
    <Sheet
      title={t('setting.payments.title')}
      lead={t('setting.payments.lead')}
      aside={<Tag tone={there ? (account.live ? 'accent' : 'warn') : 'plain'}>{t(there ? (account.live ? 'setting.payments.live' : 'setting.payments.test') : 'setting.payments.none')}</Tag>}
    >
      <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
        <Refused texts={rest} />
        <Stack>
          {account.changedAt !== null && <p className="dim" style={{ margin: 0 }}>{t('setting.payments.changed', { hint: account.keyHint, name: account.changedBy, ago: format.ago(account.changedAt) })}</p>}
          <div>
            <p className="dim" style={{ marginTop: 0 }}>{t('setting.payments.addressHelp')}</p>
            <CopyBlock label={t('setting.payments.address')} text={account.webhookUrl} />
            <Group gap={6} mt="sm" component="ul" aria-label={t('setting.payments.events')} style={{ listStyle: 'none', padding: 0, marginBottom: 0 }}>
              {events.map((name) => (
                <li key={name}>
                  <Code>{name}</Code>
                </li>
              ))}
            </Group>
          </div>
          <PasswordInput label={t('setting.payments.key')} description={there ? `${t('setting.payments.keyHelp')} ${t('setting.payments.kept')}` : t('setting.payments.keyHelp')} placeholder="sk_live_…" required={!there} {...secret} {...form.getInputProps('secretKey')} />
          <PasswordInput label={t('setting.payments.webhookSecret')} {...(there && { description: t('setting.payments.kept') })} placeholder="whsec_…" required={!there} {...secret} {...form.getInputProps('webhookSecret')} />
        </Stack>
        <Group justify="flex-end" mt="xl" gap="xs">
          {there && (
            <Button variant="subtle" color="red" onClick={() => void remove()}>
              {t('setting.payments.remove')}
            </Button>
          )}
          <Button type="submit" loading={busy} disabled={!form.isDirty()}>
            {t('action.save')}
          </Button>
        </Group>
      </form>
    </Sheet>
  );
}
