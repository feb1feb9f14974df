import { Anchor, Button } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import type { RestError } from '@/api/rest';
import type { Offer } from '@/api/second-step';
import { useLocale } from '@/locale/locale';
import { CopyBlock } from '@/part/copy';
import { Refused, Stack } from '@/part/form';
import { Loading } from '@/part/state';
import { QRCode } from '@/part/qr-code';
import { CodeInput } from './code-input';
import css from './enrolment.module.css';
import { RecoveryCodes } from './recovery-codes';
import { useAttempt } from './use-attempt';

interface Props {
  /** Gives the secret to begin with; called once. */
  offer: () => Promise<Offer>;
  /** Takes the first code and gives the recovery codes. */
  confirm: (code: string) => Promise<string[]>;
  onDone: () => void;
  /** When the server says that it must begin from the front. */
  onEnded: () => void;
  /** When this was shown too long ago; without it, another offer is asked for. */
  onExpired?: () => void;
  onCancel: () => void;
}

/** Sets an app up: its secret as a QR code and as text, its first code, then the recovery codes. */
export function Enrolment({ offer, confirm, onDone, onEnded, onExpired, onCancel }: Props) {
  const { t } = useLocale();
  const begin = useAttempt();
  const end = useAttempt();
  const [shown, setShown] = useState<Offer | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [code, setCode] = useState('');
  const ended = (error: RestError) => {
    if (error.code !== 'SIGN_IN_AGAIN') return false;
    onEnded();
    return true;
  };
  const ask = () => void begin.attempt(async () => setShown(await offer()), ended);
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current) return; // each offer ends the one before
    asked.current = true;
    ask();
  }, []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void end.attempt(
      async () => setCodes(await confirm(code)),
      (error) => {
        setCode('');
        if (error.code === 'SET_UP_AGAIN') (onExpired ?? ask)();
        return ended(error);
      },
    );
  };

  if (codes) return <RecoveryCodes codes={codes} onKept={onDone} />;
  if (!shown) {
    return begin.refused.length > 0 ? (
      <>
        <Refused texts={begin.refused} />
        <Button variant="default" onClick={ask} loading={begin.busy}>
          {t('action.retry')}
        </Button>
      </>
    ) : (
      <Loading />
    );
  }
  return (
    <form onSubmit={submit}>
      <Refused texts={[...begin.refused, ...end.refused]} />
      <Stack>
        <p className={css.say}>{t('signIn.scan')}</p>
        <QRCode qr={shown.qr} label={t('signIn.qr')} />
        <p className={css.say}>
          {t('signIn.orType')}{' '}
          <Anchor href={shown.uri} inherit underline="always">
            {t('signIn.openApp')}
          </Anchor>
        </p>
        <div className={css.secret}>
          <CopyBlock label={t('signIn.secret')} text={shown.secret.replace(/.{4}(?=.)/g, '$& ')} />
        </div>
        <CodeInput description={t('signIn.firstCodeHelp')} value={code} onChange={(event) => setCode(event.currentTarget.value)} />
        <Button type="submit" loading={end.busy}>
          {t('signIn.confirm')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onCancel}>
          {t('action.cancel')}
        </Button>
      </Stack>
    </form>
  );
}
