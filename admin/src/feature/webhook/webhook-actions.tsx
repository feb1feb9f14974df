import { ActionIcon, Button, Menu } from '@mantine/core';
import { Ellipsis, KeyRound, Pause, Pencil, Play, Send, Trash2 } from 'lucide-react';
import { useNavigate } from 'react-router';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { DeleteWebhookDocument, RollWebhookSecretDocument, SendWebhookTestDocument, UpdateWebhookDocument, type WebhookFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';

interface Hears {
  onSecret: (secret: string) => void;
  /** Hears the id of a test's delivery. */
  onTested: (delivery: string) => void;
}

/** What can be done to a webhook, with what must be asked before. */
export function useWebhookActions({ onSecret, onTested }: Hears) {
  const { t } = useLocale();
  const confirm = useConfirm();
  const ok = useTellErrors();
  const navigate = useNavigate();
  const update = useSend(UpdateWebhookDocument);
  const remove = useSend(DeleteWebhookDocument);
  const roll = useSend(RollWebhookSecretDocument);
  const test = useSend(SendWebhookTestDocument);
  return {
    testing: test.busy,
    async test({ id }: WebhookFullFragment) {
      const payload = await test.send({ input: { id } });
      if (ok(payload) && payload?.delivery) onTested(payload.delivery.id);
    },
    async pause({ id, name }: WebhookFullFragment) {
      const sure = await confirm({ title: t('webhook.pauseTitle', { name }), text: t('webhook.pauseText'), yes: t('webhook.pause') });
      if (sure) ok(await update.send({ input: { id, disabled: true } }));
    },
    async resume({ id }: WebhookFullFragment) {
      if (ok(await update.send({ input: { id, disabled: false } }))) confirmDone(t('webhook.resumed'));
    },
    async rotate({ id }: WebhookFullFragment) {
      const sure = await confirm({ title: t('webhook.rotateTitle'), text: t('webhook.rotateText'), yes: t('webhook.rotate') });
      if (!sure) return;
      const payload = await roll.send({ input: { id } });
      if (ok(payload) && payload?.secret) onSecret(payload.secret);
    },
    async remove({ id, name }: WebhookFullFragment) {
      const sure = await confirm({ title: t('webhook.deleteTitle', { name }), text: t('webhook.deleteText'), yes: t('action.delete'), danger: true });
      if (!sure || !ok(await remove.send({ input: { id } }))) return;
      confirmDone(t('webhook.deleted'));
      await navigate('/settings/webhooks', { replace: true });
    },
  };
}

interface Props {
  webhook: WebhookFullFragment;
  actions: ReturnType<typeof useWebhookActions>;
  onEdit: () => void;
}

/** The buttons beside a webhook's name. */
export function WebhookActions({ webhook, actions, onEdit }: Props) {
  const { t } = useLocale();
  const paused = webhook.status === 'DISABLED';
  return (
    <>
      <Button variant="default" leftSection={<Send size={15} aria-hidden />} disabled={paused} loading={actions.testing} onClick={() => void actions.test(webhook)}>
        {t('webhook.test')}
      </Button>
      <Button variant="default" leftSection={<Pencil size={15} aria-hidden />} onClick={onEdit}>
        {t('webhook.edit')}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size={36} variant="default" aria-label={t('webhook.actions')}>
            <Ellipsis size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {paused ? (
            <Menu.Item leftSection={<Play size={15} aria-hidden />} onClick={() => void actions.resume(webhook)}>
              {t('webhook.resume')}
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<Pause size={15} aria-hidden />} onClick={() => void actions.pause(webhook)}>
              {t('webhook.pause')}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<KeyRound size={15} aria-hidden />} onClick={() => void actions.rotate(webhook)}>
            {t('webhook.rotate')}
          </Menu.Item>
          <Menu.Item color="red" leftSection={<Trash2 size={15} aria-hidden />} onClick={() => void actions.remove(webhook)}>
            {t('webhook.delete')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
