import { ActionIcon, Button, Drawer } from '@mantine/core';
import { Pencil, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { DeleteLoginProviderDocument, LoginProvidersDocument, type LoginProvidersQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { PasskeySheet } from './passkey-sheet';
import { ProviderForm } from './provider-form';
import { kindOf } from './provider-kind';
import { SettingsFrame } from './settings-frame';

type Provider = LoginProvidersQuery['site']['loginProviders'][number];

/** How end users come in: other providers, and passkeys. */
export default function LoginPage() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: LoginProvidersDocument });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  return (
    <SettingsFrame title={t('setting.tab.login')}>
      {data ? (
        <>
          <Providers providers={data.site.loginProviders} redirectUrls={redirectUrls(data.site)} onChange={refresh} />
          <PasskeySheet site={data.site} onChange={refresh} />
        </>
      ) : error ? (
        <Problem error={error} retry={refresh} />
      ) : (
        <Loading />
      )}
    </SettingsFrame>
  );
}

/** What a provider must know: the server's own address, and that of the login domain where there is one. */
const redirectUrls = ({ loginRedirectUrl, loginDomain }: LoginProvidersQuery['site']) => [loginRedirectUrl, ...(loginDomain?.verifiedAt ? [loginDomain.loginRedirectUrl] : [])];

function Providers({ providers, redirectUrls, onChange }: { providers: Provider[]; redirectUrls: string[]; onChange: () => void }) {
  const { t } = useLocale();
  const confirm = useConfirm();
  const { send } = useSend(DeleteLoginProviderDocument);
  const ok = useTellErrors();
  const [open, setOpen] = useState<Provider | 'new' | null>(null);
  const remove = async ({ name, label }: Provider) => {
    const sure = await confirm({ title: t('setting.provider.removeTitle', { name: label }), text: t('setting.provider.removeText'), yes: t('action.remove'), danger: true });
    if (sure && ok(await send({ input: { name } }))) onChange();
  };
  return (
    <Sheet
      title={t('setting.provider.title')}
      lead={t('setting.provider.lead')}
      aside={
        <Button variant="default" leftSection={<Plus size={15} aria-hidden />} onClick={() => setOpen('new')}>
          {t('setting.provider.add')}
        </Button>
      }
    >
      {providers.length > 0 && (
        <DataTable
          label={t('setting.provider.title')}
          rows={providers}
          rowKey={(provider) => provider.name}
          columns={[
            { key: 'label', header: t('setting.provider.label'), cell: (provider) => provider.label, phone: 'title' },
            { key: 'kind', header: t('setting.provider.kind'), cell: (provider) => kindOf(provider.kind)?.brand ?? provider.issuer },
            {
              key: 'buttons',
              header: t('action.actions'),
              phone: 'actions',
              width: '6rem',
              cell: (provider) => (
                <span style={{ whiteSpace: 'nowrap' }}>
                  <ActionIcon onClick={() => setOpen(provider)} aria-label={t('setting.provider.edit', { name: provider.label })}>
                    <Pencil size={16} aria-hidden />
                  </ActionIcon>
                  <ActionIcon onClick={() => void remove(provider)} aria-label={t('setting.provider.remove', { name: provider.label })}>
                    <X size={16} aria-hidden />
                  </ActionIcon>
                </span>
              ),
            },
          ]}
        />
      )}
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        title={open === 'new' ? t('setting.provider.add') : t('setting.provider.editTitle')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open && (
          <ProviderForm
            provider={open === 'new' ? null : open}
            redirectUrls={redirectUrls}
            onClose={() => setOpen(null)}
            onSaved={() => {
              setOpen(null);
              onChange();
            }}
          />
        )}
      </Drawer>
    </Sheet>
  );
}
