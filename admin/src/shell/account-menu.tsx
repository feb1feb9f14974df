import { Button, Modal, UnstyledButton } from '@mantine/core';
import { ChevronsUpDown, LogOut, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useSessionSwitch } from '@/api/api-provider';
import { textOf } from '@/api/error';
import { RestError, signOut } from '@/api/rest';
import { tell } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { Avatar } from '@/part/avatar';
import { Tag } from '@/part/tag';
import { LanguageSwitch, SchemeSwitch } from './preferences';
import css from './shell.module.css';

/** Who is signed in; opens a dialog with the preferences and the way out. */
export function AccountMenu() {
  const locale = useLocale();
  const { t } = locale;
  const { staff } = useSession();
  const { restart } = useSessionSwitch();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);

  const leave = async () => {
    try {
      await signOut();
      restart();
      void navigate('/sign-in', { replace: true });
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      tell(textOf(locale, error.code, error.message));
    }
  };

  return (
    <>
      <UnstyledButton className={css.account} onClick={() => setOpen(true)} aria-haspopup="dialog" aria-label={t('nav.account', { name: staff.name })}>
        <Avatar name={staff.name} kind="PERSON" color="" size={28} />
        <span className={css.accountName}>{staff.name}</span>
        <ChevronsUpDown size={15} aria-hidden />
      </UnstyledButton>
      <Modal opened={open} onClose={() => setOpen(false)} title={staff.name} closeButtonProps={{ 'aria-label': t('action.close') }} size="sm">
        <div className={css.who}>
          <span className="dim">{staff.email}</span>
          <Tag tone="accent">{t(`staff.role.${staff.role}`)}</Tag>
        </div>
        <div className={css.preference}>
          <span>{t('nav.language')}</span>
          <LanguageSwitch />
        </div>
        <div className={css.preference}>
          <span>{t('nav.scheme')}</span>
          <SchemeSwitch />
        </div>
        <Button component={Link} to="/my-sign-in" variant="default" fullWidth mt="lg" leftSection={<ShieldCheck size={16} aria-hidden />} onClick={() => setOpen(false)}>
          {t('signIn.title')}
        </Button>
        <Button variant="default" fullWidth mt="xs" leftSection={<LogOut size={16} aria-hidden />} onClick={() => void leave()}>
          {t('nav.signOut')}
        </Button>
      </Modal>
    </>
  );
}
