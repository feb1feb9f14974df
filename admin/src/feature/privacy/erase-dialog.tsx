import { Anchor, Button, Group, Modal, Select } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { textOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { EraseContactDocument, ErasurePreviewDocument, type ErasureGround, type ErasurePreviewQuery, type MendFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';
import { Loading, Problem } from '@/part/state';
import { DeedsList } from './deeds-list';
import css from './privacy.module.css';

const grounds = ['REQUEST', 'WITHDRAWN', 'NEEDLESS', 'UNLAWFUL'] as const satisfies ErasureGround[];
const kept = ['orders', 'payments', 'tickets', 'memberships', 'passes', 'bookings', 'events'] as const;
const hindrances = ['OWES', 'HAS_CREDIT', 'HAS_DEPOSIT', 'MEMBERSHIP_RUNS', 'PASS_RUNS', 'TICKET_TO_COME', 'BOOKING_TO_COME', 'PAYMENT_UNDER_WAY', 'ORGANIZES_TO_COME'] as const;

type Preview = ErasurePreviewQuery['erasurePreview'];

interface Props {
  contact: { id: string; displayName: string };
  ground?: (typeof grounds)[number];
  onClose: () => void;
  onErased: () => void;
}

/** Shows what erasing a person would do, what stays and why, and what hinders it; then does it. */
export function EraseDialog({ contact, ground: first = 'REQUEST', onClose, onErased }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const [{ data, error }, again] = useQuery({ query: ErasurePreviewDocument, variables: { id: contact.id }, requestPolicy: 'network-only' });
  const { send, busy } = useSend(EraseContactDocument);
  const [ground, setGround] = useState<(typeof grounds)[number]>(first);
  const [errors, setErrors] = useState<MendFragment[]>([]);
  const preview = data?.erasurePreview;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const payload = await send({ input: { contactId: contact.id, ground } });
    if (!payload) return;
    setErrors(payload.errors);
    if (payload.errors.length > 0) return;
    confirmDone(t('privacy.erase.did'));
    onErased();
    onClose();
  };
  return (
    <Modal opened onClose={onClose} size="lg" title={t('privacy.erase.title', { name: contact.displayName })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {error && !preview ? (
        <Problem error={error} retry={() => again({ requestPolicy: 'network-only' })} />
      ) : !preview ? (
        <Loading />
      ) : (
        <form onSubmit={(event) => void submit(event)}>
          <Refused texts={errors.map((one) => textOf(locale, one.code, one.message))} />
          <Stack>
            {preview.hindrances.length > 0 ? <Hindered preview={preview} id={contact.id} /> : <p className={css.plain}>{t('privacy.erase.lead')}</p>}
            <Goes preview={preview} />
            <Stays preview={preview} />
            {preview.mentions.length > 0 && (
              <section>
                <h3 className={css.heading}>{t('privacy.erase.mentions')}</h3>
                <ul className={css.steps}>
                  {preview.mentions.map((one) => (
                    <li key={one.id}>
                      <Anchor component={Link} to={`/contacts/${one.id}/notes`}>
                        {one.displayName}
                      </Anchor>
                    </li>
                  ))}
                </ul>
              </section>
            )}
            {preview.hindrances.length === 0 && (
              <Select
                label={t('privacy.erase.ground')}
                data={grounds.map((value) => ({ value, label: t(`privacy.ground.${value}`) }))}
                value={ground}
                onChange={(value) => setGround(grounds.find((one) => one === value) ?? ground)}
                allowDeselect={false}
              />
            )}
          </Stack>
          {preview.hindrances.length === 0 ? (
            <FormButtons busy={busy} save={t('privacy.erase.yes')} onCancel={onClose} danger />
          ) : (
            <Group justify="flex-end" mt="xl">
              <Button variant="default" onClick={onClose}>
                {t('action.close')}
              </Button>
            </Group>
          )}
        </form>
      )}
    </Modal>
  );
}

/** What is in force, and where it can be settled. */
function Hindered({ preview, id }: { preview: Preview; id: string }) {
  const { t, tn } = useLocale();
  return (
    <section role="alert" className={css.hindered}>
      <h3 className={css.heading}>{t('privacy.erase.hindered')}</h3>
      <ul className={css.steps}>
        {preview.hindrances.map(({ code, count }) => {
          const known = hindrances.find((one) => one === code);
          return <li key={code}>{known ? tn(`privacy.hindrance.${known}`, count) : code}</li>;
        })}
      </ul>
      <Anchor component={Link} to={`/contacts/${id}/sales`}>
        {t('privacy.erase.settle')}
      </Anchor>
    </section>
  );
}

function Goes({ preview }: { preview: Preview }) {
  const { t, tn } = useLocale();
  return (
    <section>
      <h3 className={css.heading}>{t('privacy.erase.goes')}</h3>
      <DeedsList deeds={preview.deeds} label={t('privacy.erase.goes')} />
      {(preview.account || preview.merged > 0) && (
        <p className={css.facts}>{[preview.account && t('privacy.erase.account'), preview.merged > 0 && tn('privacy.erase.merged', preview.merged)].filter(Boolean).join(' ')}</p>
      )}
    </section>
  );
}

function Stays({ preview }: { preview: Preview }) {
  const { t, tn } = useLocale();
  const counts = kept.filter((name) => preview.stays[name] > 0);
  if (counts.length === 0) return null;
  return (
    <section>
      <h3 className={css.heading}>{t('privacy.erase.stays')}</h3>
      <p className={css.plain}>{counts.map((name) => tn(`privacy.kept.${name}`, preview.stays[name])).join(', ')}.</p>
      <p className={css.facts}>{t('privacy.erase.why')}</p>
    </section>
  );
}
