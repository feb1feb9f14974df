import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { textOf } from '@/api/error';
import { useSessionSwitch } from '@/api/api-provider';
import { acceptInvitation, RestError, type SecondStepNeed } from '@/api/rest';
import { useLocale } from '@/locale/locale';
import { Refused, Stack } from '@/part/form';
import { Door } from './door';
import { SecondStep } from './second-step';

// The fragment never reaches a server or its log.
const tokenOf = (hash: string) => decodeURIComponent(hash.replace(/^#/, ''));

/** Somebody who was invited gives a name and a password, and is in. */
export default function InvitationPage() {
  const locale = useLocale();
  const { t } = locale;
  const navigate = useNavigate();
  const { restart } = useSessionSwitch();
  const [token] = useState(() => tokenOf(location.hash));
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string[]>([]);
  const [need, setNeed] = useState<SecondStepNeed | null>(null);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', password: '' },
    validate: {
      name: (name) => (name.trim() ? null : t('error.REQUIRED')),
      password: (password) => (password.length >= 10 ? null : t('session.passwordRule')),
    },
  });

  const done = () => {
    restart();
    void navigate('/', { replace: true });
  };
  const accept = async ({ name, password }: { name: string; password: string }) => {
    setBusy(true);
    setRefused([]);
    try {
      const needed = await acceptInvitation(token, name.trim(), password);
      if (needed) setNeed(needed);
      else done();
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      setRefused([textOf(locale, error.code, error.message)]);
    } finally {
      setBusy(false);
    }
  };

  if (need) return <SecondStep need={need} onDone={done} onAgain={() => void navigate('/sign-in', { replace: true })} />;

  if (!token) {
    return (
      <Door title={t('session.invitation')} lead={t('session.invitationMissing')}>
        <Button component={Link} to="/sign-in" variant="default">
          {t('session.signIn')}
        </Button>
      </Door>
    );
  }

  return (
    <Door title={t('session.invitation')} lead={t('session.invitationLead')}>
      <Refused texts={refused} />
      <form onSubmit={form.onSubmit((values) => void accept(values))} noValidate>
        <Stack>
          <TextInput label={t('session.yourName')} autoComplete="name" autoFocus key={form.key('name')} {...form.getInputProps('name')} />
          <PasswordInput
            label={t('session.newPassword')}
            description={t('session.passwordRule')}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': t('session.showPassword') }}
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <Button type="submit" size="md" mt="xs" loading={busy} fullWidth>
            {t('session.accept')}
          </Button>
        </Stack>
      </form>
    </Door>
  );
}
