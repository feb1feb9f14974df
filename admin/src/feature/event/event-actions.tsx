import { Button, Menu } from '@mantine/core';
import { DoorOpen, Ellipsis } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { CancelEventDocument, DeleteEventDocument, PublishEventDocument, UnpublishEventDocument, type EventQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { RefuseDialog } from './refuse-dialog';

/** What managers do with an event, and the door of whoever lets people in; what was cancelled stays as it is. */
export function EventActions({ event, onEdit, onChange }: { event: EventQuery['event']; onEdit: () => void; onChange: () => void }) {
  const { t } = useLocale();
  const { can } = useSession();
  const go = useNavigate();
  const confirm = useConfirm();
  const publish = useSend(PublishEventDocument);
  const unpublish = useSend(UnpublishEventDocument);
  const cancel = useSend(CancelEventDocument);
  const remove = useSend(DeleteEventDocument);
  const ok = useTellErrors();
  const [refusing, setRefusing] = useState(false);
  if (event.state === 'CANCELLED') return null;
  const { id, name } = event;
  const published = event.state === 'PUBLISHED';
  const door = can('OPERATOR') && published && (
    <Button variant="default" component={Link} to={`/events/${id}/check-in`} leftSection={<DoorOpen size={16} aria-hidden />}>
      {t('door.title')}
    </Button>
  );
  if (!can('MANAGER')) return door;
  const doPublish = async () => {
    if (!ok(await publish.send({ input: { id } }))) return;
    confirmDone(t('event.published'));
    onChange();
  };
  const doUnpublish = async () => {
    if (!ok(await unpublish.send({ input: { id } }))) return;
    confirmDone(t('event.unpublished'));
    onChange();
  };
  const doCancel = async () => {
    const sure = await confirm({ title: t('event.cancelTitle', { name }), text: t('event.cancelText'), yes: t('event.cancel'), danger: true });
    if (sure && ok(await cancel.send({ input: { id } }))) onChange();
  };
  const doDelete = async () => {
    const sure = await confirm({ title: t('event.deleteTitle', { name }), text: t('event.deleteText'), yes: t('action.delete'), danger: true });
    if (!sure || !ok(await remove.send({ input: { id } }))) return;
    confirmDone(t('catalogue.deleted', { name }));
    void go('/events', { replace: true });
  };
  return (
    <>
      {door}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<Ellipsis size={15} aria-hidden />} loading={cancel.busy || unpublish.busy || remove.busy}>
            {t('event.more')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {event.state === 'SUBMITTED' && <Menu.Item onClick={() => setRefusing(true)}>{t('event.refuse')}</Menu.Item>}
          {published && <Menu.Item onClick={() => void doUnpublish()}>{t('event.unpublish')}</Menu.Item>}
          <Menu.Item color="red" onClick={() => void doCancel()}>
            {t('event.cancel')}
          </Menu.Item>
          {!published && (
            <Menu.Item color="red" onClick={() => void doDelete()}>
              {t('event.delete')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Button variant="default" onClick={onEdit}>
        {t('event.edit')}
      </Button>
      {!published && (
        <Button onClick={() => void doPublish()} loading={publish.busy}>
          {t('event.publish')}
        </Button>
      )}
      {refusing && <RefuseDialog event={event} onClose={() => setRefusing(false)} onDone={onChange} />}
    </>
  );
}
