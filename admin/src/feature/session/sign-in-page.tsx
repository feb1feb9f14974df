import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { textOf } from '@/api/error';
import { useSessionSwitch } from '@/api/api-provider';
import { RestError, signIn, type SecondStepNeed, type SiteChoice } from '@/api/rest';
import { useLocale } from '@/locale/locale';
import { Refused, Stack } from '@/part/form';
import css from './door.module.css';
import { Door } from './door';
import { SecondStep } from './second-step';

/** The page of the server's own that sent somebody here to sign in first, for an application on another site. */
const authorize = '/v1/staff/authorize?';

/** Where to go once signed in: the page that was asked for, else the beginning. */
function useDestination(): string {
  const state: unknown = useLocation().state;
  const from = typeof state === 'object' && state !== null && 'from' in state ? state.from : null;
  return typeof from === 'string' && from.startsWith('/') ? from : '/';
}

/** Staff sign in by e-mail and password, and where it is set up by a second step; somebody who works for several sites then picks one. */
export default function SignInPage() {
  const locale = useLocale();
  const { t } = locale;
  const navigate = useNavigate();
  const destination = useDestination();
  const { restart } = useSessionSwitch();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string[]>([]);
  const [sites, setSites] = useState<SiteChoice[]>([]);
  const [need, setNeed] = useState<SecondStepNeed | null>(null);
  const form = useForm({ mode: 'uncontrolled', initialValues: { email: '', password: '' } });

  const done = () => {
    const next = new URLSearchParams(location.search).get('next');
    if (next?.startsWith(authorize)) return location.replace(next);
    restart();
    void navigate(destination, { replace: true });
  };
  const again = (ended: boolean) => {
    setNeed(null);
    setSites([]);
    form.reset();
    setRefused(ended ? [t('error.SIGN_IN_AGAIN')] : []);
  };

  const enter = async (site?: string) => {
    const { email, password } = form.getValues();
    setBusy(true);
    setRefused([]);
    try {
      const needed = await signIn(email.trim(), password, site);
      if (needed) setNeed(needed);
      else done();
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      if (error.code === 'CHOOSE_SITE') setSites(error.sites);
      else setRefused([textOf(locale, error.code, error.message)]);
    } finally {
      setBusy(false);
    }
  };

  if (need) return <SecondStep need={need} onDone={done} onAgain={again} />;

  if (sites.length > 0) {
    return (
      <Door title={t('session.chooseSite')} lead={t('session.chooseSiteLead')}>
        <Refused texts={refused} />
        <Stack>
          {sites.map((site) => (
            <button key={site.publicId} type="button" className={css.site} disabled={busy} onClick={() => void enter(site.publicId)}>
              {site.name}
              <span className={css.siteId}>{site.publicId}</span>
            </button>
          ))}
          <Button variant="subtle" color="gray" onClick={() => setSites([])}>
            {t('action.back')}
          </Button>
        </Stack>
      </Door>
    );
  }

  return (
    <Door title={t('session.signIn')} lead={t('session.signInLead')}>
      <Refused texts={refused} />
      <form onSubmit={form.onSubmit(() => void enter())}>
        <Stack>
          <TextInput
            label={t('session.email')}
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            autoFocus
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label={t('session.password')}
            autoComplete="current-password"
            required
            withAsterisk={false}
            visibilityToggleButtonProps={{ 'aria-label': t('session.showPassword') }}
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <Button type="submit" size="md" mt="xs" loading={busy} fullWidth>
            {t('session.signIn')}
          </Button>
        </Stack>
      </form>
    </Door>
  );
}
