import { ActionIcon, Button, Drawer } from '@mantine/core';
import { Pencil, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { DeleteThirdPartyWidgetDocument, ThirdPartiesDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { CopyBlock } from '@/part/copy';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { EmbedFrame } from './embed-frame';
import { frameSources, thirdPartySnippet } from './snippet';
import { ThirdPartyForm, type ThirdParty } from './third-party-form';

/** Widgets of other vendors: which there are, what each is told, and what to paste. */
export default function ThirdPartiesPage() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: ThirdPartiesDocument });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  return (
    <EmbedFrame title={t('embed.tab.others')}>
      {data ? <ThirdParties widgets={data.site.thirdPartyWidgets} onChange={refresh} /> : error ? <Problem error={error} retry={refresh} /> : <Loading />}
    </EmbedFrame>
  );
}

function ThirdParties({ widgets, onChange }: { widgets: ThirdParty[]; onChange: () => void }) {
  const { t } = useLocale();
  const confirm = useConfirm();
  const { send } = useSend(DeleteThirdPartyWidgetDocument);
  const ok = useTellErrors();
  const [open, setOpen] = useState<ThirdParty | 'new' | null>(null);
  const remove = async ({ tag, name }: ThirdParty) => {
    const sure = await confirm({ title: t('embed.others.removeTitle', { name }), text: t('embed.others.removeText'), yes: t('action.remove'), danger: true });
    if (sure && ok(await send({ input: { tag } }))) onChange();
  };
  return (
    <>
      <Sheet
        title={t('embed.others.title')}
        lead={t('embed.others.lead')}
        aside={
          <Button variant="default" leftSection={<Plus size={15} aria-hidden />} onClick={() => setOpen('new')}>
            {t('embed.others.add')}
          </Button>
        }
      >
        {widgets.length === 0 ? (
          <p className="dim">{t('embed.others.none')}</p>
        ) : (
          <DataTable
            label={t('embed.others.title')}
            rows={widgets}
            rowKey={({ tag }) => tag}
            columns={[
              { key: 'name', header: t('embed.others.name'), phone: 'title', cell: ({ name }) => name },
              { key: 'page', header: t('embed.others.page'), cell: ({ page }) => <span style={{ overflowWrap: 'anywhere' }}>{page}</span> },
              { key: 'grants', header: t('embed.others.grants'), cell: ({ grants }) => grants.map((grant) => t(`embed.others.grant.${grant}`)).join(' · ') || t('embed.others.nothing') },
              {
                key: 'buttons',
                header: t('action.actions'),
                phone: 'actions',
                width: '6rem',
                cell: (widget) => (
                  <span style={{ whiteSpace: 'nowrap' }}>
                    <ActionIcon onClick={() => setOpen(widget)} aria-label={t('embed.others.edit', { name: widget.name })}>
                      <Pencil size={16} aria-hidden />
                    </ActionIcon>
                    <ActionIcon onClick={() => void remove(widget)} aria-label={t('embed.others.remove', { name: widget.name })}>
                      <X size={16} aria-hidden />
                    </ActionIcon>
                  </span>
                ),
              },
            ]}
          />
        )}
      </Sheet>
      {widgets.length > 0 && (
        <Sheet title={t('embed.others.place')} lead={t('embed.others.placeLead')}>
          <CopyBlock label={t('embed.others.place')} text={widgets.map(({ tag }) => thirdPartySnippet(tag)).join('\n')} />
          <p>{t('embed.others.policy')}</p>
          <CopyBlock label="Content-Security-Policy" text={frameSources(widgets.map(({ page }) => page))} />
        </Sheet>
      )}
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        title={open === 'new' ? t('embed.others.add') : t('embed.others.editTitle')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open && (
          <ThirdPartyForm
            widget={open === 'new' ? null : open}
            onClose={() => setOpen(null)}
            onSaved={() => {
              setOpen(null);
              onChange();
            }}
          />
        )}
      </Drawer>
    </>
  );
}
