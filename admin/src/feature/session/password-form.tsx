import { Button, PasswordInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { changePassword } from '@/api/second-step';
import { confirmDone } from '@/api/send';
import { useLocale } from '@/locale/locale';
import { Refused, Stack } from '@/part/form';
import { ProofInput } from './proof-form';
import { useAttempt } from './use-attempt';

/** Changes one's own password; other sessions end. */
export function PasswordForm({ hasSecondStep, onDone }: { hasSecondStep: boolean; onDone: () => void }) {
  const { t } = useLocale();
  const { attempt, busy, refused } = useAttempt();
  const [byCode, setByCode] = useState(false);
  const [proof, setProof] = useState('');
  const [password, setPassword] = useState('');
  const [short, setShort] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setShort(password.length < 10);
    if (password.length < 10) return;
    void attempt(
      async () => {
        await changePassword(byCode ? { code: proof } : { password: proof }, password);
        setProof('');
        setPassword('');
        confirmDone(t('signIn.passwordChanged'));
        onDone();
      },
      () => {
        setProof('');
        return false;
      },
    );
  };
  return (
    <form onSubmit={submit}>
      <Refused texts={refused} />
      <Stack>
        <ProofInput hasSecondStep={hasSecondStep} byCode={byCode} onByCode={setByCode} value={proof} onValue={setProof} />
        <PasswordInput
          label={t('signIn.newPassword')}
          description={t('session.passwordRule')}
          autoComplete="new-password"
          required
          withAsterisk={false}
          error={short && t('session.passwordRule')}
          visibilityToggleButtonProps={{ 'aria-label': t('session.showPassword') }}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <div>
          <Button type="submit" variant="default" loading={busy}>
            {t('signIn.changePassword')}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
