import { Button, Drawer, Group } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useSend, useTellErrors } from '@/api/send';
import { purposeName } from '@/feature/contact/purpose';
import { useSession } from '@/feature/session/session';
import { UpdateConsentPurposeDocument, type PurposeFullFragment } from '@/gql/graphql';
import { languages } from '@/locale/language';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { Sheet } from '@/part/page';
import { Tag, Tags } from '@/part/tag';
import { PurposeForm } from './purpose-form';
import css from './purposes.module.css';

/** What people are asked for, each with the words they see, and below what they were asked for once. */
export function Purposes({ purposes, onChange }: { purposes: PurposeFullFragment[]; onChange: () => void }) {
  const { t, language } = useLocale();
  const { can } = useSession();
  const confirm = useConfirm();
  const { send, busy } = useSend(UpdateConsentPurposeDocument);
  const ok = useTellErrors();
  const [open, setOpen] = useState<PurposeFullFragment | 'new' | null>(null);
  const manager = can('MANAGER');
  const nameOf = (purpose: PurposeFullFragment) => purposeName(purpose, language);
  const put = async (purpose: PurposeFullFragment, archived: boolean) => {
    const name = nameOf(purpose);
    if (archived && !(await confirm({ title: t('setting.consent.archiveTitle', { name }), text: t('setting.consent.archiveText'), yes: t('setting.consent.archive') }))) return;
    if (ok(await send({ input: { id: purpose.id, archived } }))) onChange();
  };
  const archived = purposes.filter(({ archivedAt }) => archivedAt !== null);
  return (
    <>
      {purposes
        .filter(({ archivedAt }) => archivedAt === null)
        .map((purpose) => (
          <Purpose key={purpose.id} purpose={purpose}>
            {manager && (
              <Group gap="xs">
                {!purpose.builtIn && (
                  <Button variant="default" disabled={busy} aria-label={t('setting.consent.archiveOne', { name: nameOf(purpose) })} onClick={() => void put(purpose, true)}>
                    {t('setting.consent.archive')}
                  </Button>
                )}
                <Button variant="default" aria-label={t('setting.consent.editOne', { name: nameOf(purpose) })} onClick={() => setOpen(purpose)}>
                  {t('setting.consent.edit')}
                </Button>
              </Group>
            )}
          </Purpose>
        ))}
      {manager && (
        <Button variant="default" leftSection={<Plus size={15} aria-hidden />} onClick={() => setOpen('new')}>
          {t('setting.consent.add')}
        </Button>
      )}
      {archived.length > 0 && (
        <details className={css.away}>
          <summary>{t('setting.consent.archived', { n: archived.length })}</summary>
          {archived.map((purpose) => (
            <Purpose key={purpose.id} purpose={purpose}>
              {manager && (
                <Button variant="default" disabled={busy} aria-label={t('setting.consent.restoreOne', { name: nameOf(purpose) })} onClick={() => void put(purpose, false)}>
                  {t('setting.consent.restore')}
                </Button>
              )}
            </Purpose>
          ))}
        </details>
      )}
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        title={open === 'new' ? t('setting.consent.add') : open && t('setting.consent.editOne', { name: nameOf(open) })}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open && (
          <PurposeForm
            purpose={open === 'new' ? null : open}
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

/** One purpose: what it does, and its texts as people read them. */
function Purpose({ purpose, children }: { purpose: PurposeFullFragment; children: ReactNode }) {
  const { t, language } = useLocale();
  const { wording, wordings, doubleOptIn, measures } = purpose;
  return (
    <Sheet
      title={purposeName(purpose, language)}
      lead={
        <Tags>
          {wording[0] ? t('setting.consent.inForce', { n: wording[0].version }) : t('setting.consent.unworded')}
          {doubleOptIn && <Tag tone="info">{t('setting.consent.confirmed')}</Tag>}
          {measures && <Tag tone="info">{t('setting.consent.measured')}</Tag>}
        </Tags>
      }
      aside={children}
    >
      {wording.length > 0 && <Wordings rows={wording} missing={languages.filter((one) => !wording.some((row) => row.language === one))} />}
      {wordings.length > wording.length && (
        <details>
          <summary>{t('setting.consent.earlier')}</summary>
          <Wordings rows={wordings.slice(wording.length)} />
        </details>
      )}
    </Sheet>
  );
}

function Wordings({ rows, missing = [] }: { rows: readonly { version: number; language: string; text: string }[]; missing?: readonly string[] }) {
  const { t, format } = useLocale();
  const { site } = useSession();
  return (
    <dl className={css.wordings}>
      {rows.map(({ version, language, text }) => (
        <div key={`${version} ${language}`}>
          <dt className="dim">
            {format.language(language)} · {t('setting.consent.versionOf', { n: version })}
          </dt>
          <dd lang={language}>{text.replaceAll('{site}', site.name)}</dd>
        </div>
      ))}
      {missing.map((language) => (
        <div key={language}>
          <dt className="dim">{format.language(language)}</dt>
          <dd className="dim">{t('setting.consent.missing')}</dd>
        </div>
      ))}
    </dl>
  );
}
