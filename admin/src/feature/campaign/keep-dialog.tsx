import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { refusalOf } from '@/api/error';
import { confirmDone, useSend } from '@/api/send';
import { SaveTemplateDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';
import { textsInput, type Texts } from './texts';

/** Keeps the texts of a campaign under a name. */
export function KeepButton({ name, texts }: { name: string; texts: Texts }) {
  const { t } = useLocale();
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>
        {t('template.keep')}
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={t('template.keep')} closeButtonProps={{ 'aria-label': t('action.close') }}>
        {opened && <Keep name={name} texts={texts} onClose={() => setOpened(false)} />}
      </Modal>
    </>
  );
}

function Keep({ name, texts, onClose }: { name: string; texts: Texts; onClose: () => void }) {
  const locale = useLocale();
  const { t } = locale;
  const { send, busy } = useSend(SaveTemplateDocument);
  const [called, setCalled] = useState(name);
  const [refused, setRefused] = useState({ name: '', rest: [] as string[] });
  const save = async () => {
    const payload = await send({ input: { name: called, texts: textsInput(texts) } });
    if (!payload) return;
    const { fields, rest } = refusalOf(locale, payload.errors, { name: called, texts });
    const { name: wrong = '', ...others } = fields;
    setRefused({ name: wrong, rest: [...rest, ...Object.values(others)] });
    if (payload.errors.length > 0) return;
    confirmDone(t('template.kept'));
    onClose();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        void save();
      }}
    >
      <Refused texts={refused.rest} />
      <Stack>
        <p className="dim">{t('template.keepHelp')}</p>
        <TextInput label={t('template.name')} required value={called} error={refused.name} onChange={(event) => setCalled(event.currentTarget.value)} data-autofocus />
      </Stack>
      <FormButtons busy={busy} save={t('action.save')} onCancel={onClose} />
    </form>
  );
}
