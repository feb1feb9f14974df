import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { confirmDone, useSend, useTellErrors } from '@/api/send';
import { SetLoginDomainDocument, type LoginDomainFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { Sheet } from '@/part/page';
import { domainProblem } from './domain';
import css from './embed-page.module.css';

/** Chooses the domain, or removes it. */
export function DomainForm({ domain, onChange }: { domain: LoginDomainFullFragment | null; onChange: () => void }) {
  const locale = useLocale();
  const { t } = locale;
  const confirm = useConfirm();
  const { send, busy } = useSend(SetLoginDomainDocument);
  const ok = useTellErrors();
  const [wrong, setWrong] = useState('');
  const form = useForm({ initialValues: { domain: domain?.domain ?? '' } });

  const save = async (name: string) => {
    if (domain?.verifiedAt && !(await confirm({ title: t('embed.domain.change'), text: t('embed.domain.changeText', { domain: domain.domain }), yes: t('action.save'), danger: true }))) return;
    const payload = await send({ input: { domain: name } });
    const [error] = payload?.errors ?? [];
    setWrong(error ? domainProblem(locale, error) : '');
    if (!payload || error) return;
    confirmDone(t('form.saved'));
    onChange();
  };
  const remove = async () => {
    if (!domain || !(await confirm({ title: t('embed.domain.removeTitle', { domain: domain.domain }), text: t('embed.domain.removeText'), yes: t('action.remove'), danger: true }))) return;
    if (ok(await send({ input: { domain: '' } }))) onChange();
  };
  return (
    <form onSubmit={form.onSubmit((values) => void save(values.domain))} noValidate>
      <Sheet title={t('embed.domain.title')} lead={t('embed.domain.lead')}>
        <div className={css.make}>
          <TextInput
            label={t('embed.domain.name')}
            description={t('embed.domain.nameHelp')}
            placeholder="login.example.org"
            required
            autoComplete="off"
            spellCheck={false}
            className={css.domain}
            {...form.getInputProps('domain')}
            error={wrong}
          />
          <div className={css.domainButtons}>
            <Button type="submit" variant={domain ? 'default' : 'filled'} loading={busy} disabled={form.values.domain.trim() === '' || form.values.domain === domain?.domain}>
              {t('action.save')}
            </Button>
            {domain && (
              <Button variant="subtle" color="red" onClick={() => void remove()}>
                {t('action.remove')}
              </Button>
            )}
          </div>
        </div>
      </Sheet>
    </form>
  );
}
