import { Button, PasswordInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { Proof } from '@/api/second-step';
import { useLocale } from '@/locale/locale';
import { FormButtons, Refused, Stack } from '@/part/form';
import { CodeInput } from './code-input';
import { useAttempt } from './use-attempt';

interface ProofProps {
  hasSecondStep: boolean;
  byCode: boolean;
  onByCode: (byCode: boolean) => void;
  value: string;
  onValue: (value: string) => void;
  /** Whether it has the focus at first. */
  first?: boolean;
}

/** Asks for the password, or for a code where there is a second step. */
export function ProofInput({ hasSecondStep, byCode, onByCode, value, onValue, first = false }: ProofProps) {
  const { t } = useLocale();
  return (
    <>
      {byCode ? (
        <CodeInput value={value} onChange={(event) => onValue(event.currentTarget.value)} data-autofocus={first || undefined} />
      ) : (
        <PasswordInput
          label={t('signIn.currentPassword')}
          autoComplete="current-password"
          required
          withAsterisk={false}
          visibilityToggleButtonProps={{ 'aria-label': t('session.showPassword') }}
          data-autofocus={first || undefined}
          value={value}
          onChange={(event) => onValue(event.currentTarget.value)}
        />
      )}
      {hasSecondStep && (
        <div>
          <Button
            size="compact-sm"
            variant="subtle"
            onClick={() => {
              onByCode(!byCode);
              onValue('');
            }}
          >
            {byCode ? t('signIn.byPassword') : t('signIn.byCode')}
          </Button>
        </div>
      )}
    </>
  );
}

interface Props {
  lead: string;
  hasSecondStep: boolean;
  save: string;
  danger?: boolean;
  onProof: (proof: Proof) => Promise<void>;
  onCancel: () => void;
}

/** Shows that it is oneself, before what changes how one signs in. */
export function ProofForm({ lead, hasSecondStep, save, danger = false, onProof, onCancel }: Props) {
  const { t } = useLocale();
  const { attempt, busy, refused } = useAttempt();
  const [byCode, setByCode] = useState(false);
  const [value, setValue] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(
      () => onProof(byCode ? { code: value } : { password: value }),
      () => {
        setValue('');
        return false;
      },
    );
  };
  return (
    <form onSubmit={submit}>
      <Refused texts={refused} />
      <Stack>
        <p className="dim">{lead}</p>
        <ProofInput first hasSecondStep={hasSecondStep} byCode={byCode} onByCode={setByCode} value={value} onValue={setValue} />
      </Stack>
      {danger ? (
        <Stack>
          <Button type="submit" color="red" mt="xl" loading={busy}>
            {save}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {t('action.cancel')}
          </Button>
        </Stack>
      ) : (
        <FormButtons busy={busy} save={save} onCancel={onCancel} />
      )}
    </form>
  );
}
