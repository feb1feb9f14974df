import { Button } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { SecondStepNeed } from '@/api/rest';
import { atSignIn, finishSignIn } from '@/api/second-step';
import { useLocale } from '@/locale/locale';
import { Refused, Stack } from '@/part/form';
import { CodeInput } from './code-input';
import { Door } from './door';
import { Enrolment } from './enrolment';
import { useAttempt } from './use-attempt';

interface Props {
  need: SecondStepNeed;
  /** Signed in. */
  onDone: () => void;
  /** Back to the password: on request, or since the sign-in has ended. */
  onAgain: (ended: boolean) => void;
}

/** What comes after the password: a code, or setting the second step up where the site asks for one. */
export function SecondStep({ need, onDone, onAgain }: Props) {
  const { t } = useLocale();
  if (need === 'CODE') return <AskCode onDone={onDone} onAgain={onAgain} />;
  return (
    <Door title={t('signIn.setUp')} lead={t('signIn.neededLead')}>
      <Enrolment offer={atSignIn.offer} confirm={atSignIn.confirm} onDone={onDone} onEnded={() => onAgain(true)} onCancel={() => onAgain(false)} />
    </Door>
  );
}

function AskCode({ onDone, onAgain }: Omit<Props, 'need'>) {
  const { t } = useLocale();
  const { attempt, busy, refused } = useAttempt();
  const [recovery, setRecovery] = useState(false);
  const [code, setCode] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(
      async () => {
        await finishSignIn(code);
        onDone();
      },
      (error) => {
        setCode('');
        if (error.code !== 'SIGN_IN_AGAIN') return false;
        onAgain(true);
        return true;
      },
    );
  };
  return (
    <Door title={t('signIn.secondStep')} lead={recovery ? t('signIn.recoveryLead') : t('signIn.codeLead')}>
      <Refused texts={refused} />
      <form onSubmit={submit}>
        <Stack>
          <CodeInput key={String(recovery)} recovery={recovery} autoFocus value={code} onChange={(event) => setCode(event.currentTarget.value)} />
          <Button type="submit" size="md" mt="xs" loading={busy} fullWidth>
            {t('session.signIn')}
          </Button>
          <Button
            variant="subtle"
            onClick={() => {
              setRecovery(!recovery);
              setCode('');
            }}
          >
            {recovery ? t('signIn.useApp') : t('signIn.useRecovery')}
          </Button>
          <Button variant="subtle" color="gray" onClick={() => onAgain(false)}>
            {t('action.back')}
          </Button>
        </Stack>
      </form>
      {recovery && <p className="dim">{t('signIn.lostAll')}</p>}
    </Door>
  );
}
