import { Alert, Button, Drawer } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { newRecoveryCodes, removeOwnSecondStep, signedIn, type Offer, type Proof } from '@/api/second-step';
import { confirmDone } from '@/api/send';
import { MySignInDocument, type MySignInQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Stack } from '@/part/form';
import { Page, Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { Ago, Day } from '@/part/when';
import { Enrolment } from './enrolment';
import css from './my-sign-in.module.css';
import { PasswordForm } from './password-form';
import { ProofForm } from './proof-form';
import { RecoveryCodes } from './recovery-codes';
import { SignInEvents } from './sign-in-events';

type SignIn = NonNullable<MySignInQuery['viewer']['signIn']>;

/** How somebody signs in: the second step, recovery codes, the password. For oneself. */
export default function MySignInPage() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: MySignInDocument });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const signIn = data?.viewer.signIn;
  return (
    <Page title={t('signIn.title')} lead={t('signIn.lead')} width="form">
      {signIn ? (
        <>
          <SecondStepSheet signIn={signIn} onChange={refresh} />
          <Sheet title={t('signIn.password')} lead={t('signIn.passwordLead')}>
            <PasswordForm hasSecondStep={signIn.secondStepAt !== null} onDone={refresh} />
          </Sheet>
          <Sheet title={t('signIn.events')} lead={t('signIn.eventsLead')}>
            <SignInEvents events={data.signInEvents} />
          </Sheet>
        </>
      ) : error ? (
        <Problem error={error} retry={refresh} />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

/** What is being done in the drawer. */
type Doing = 'setUp' | 'replace' | 'codes' | 'remove';

function SecondStepSheet({ signIn, onChange }: { signIn: SignIn; onChange: () => void }) {
  const { t } = useLocale();
  const [doing, setDoing] = useState<Doing | null>(null);
  const has = signIn.secondStepAt !== null;
  const few = has && signIn.recoveryCodesLeft <= 3;
  return (
    <Sheet title={t('signIn.secondStep')} lead={t('signIn.secondStepLead')}>
      <Stack>
        <dl className={css.facts}>
          <div>
            <dt>{t('signIn.state')}</dt>
            <dd>
              {signIn.secondStepAt ? (
                <>
                  <Tag tone="accent">{t('signIn.on')}</Tag> <span className="dim">{t('signIn.since')}</span> <Day at={signIn.secondStepAt} />
                </>
              ) : (
                <Tag tone={signIn.secondStepRequired ? 'warn' : 'plain'}>{t('signIn.off')}</Tag>
              )}
            </dd>
          </div>
          {has && (
            <div>
              <dt>{t('signIn.codesLeft')}</dt>
              <dd className="num">{t('signIn.leftOf', { n: signIn.recoveryCodesLeft })}</dd>
            </div>
          )}
          {has && (
            <div>
              <dt>{t('signIn.doneHere')}</dt>
              <dd>{signIn.secondStepDoneAt ? <Ago at={signIn.secondStepDoneAt} /> : t('signIn.notDone')}</dd>
            </div>
          )}
        </dl>
        {!has && signIn.secondStepRequired && (
          <Alert color="yellow" icon={<TriangleAlert size={16} aria-hidden />}>
            {t('signIn.requiredHere')}
          </Alert>
        )}
        {few && (
          <Alert color="yellow" icon={<TriangleAlert size={16} aria-hidden />}>
            {t('signIn.fewLeft')}
          </Alert>
        )}
        <div className={css.buttons}>
          {has ? (
            <>
              <Button variant="default" onClick={() => setDoing('codes')}>
                {t('signIn.newCodes')}
              </Button>
              <Button variant="default" onClick={() => setDoing('replace')}>
                {t('signIn.replace')}
              </Button>
              {!signIn.secondStepRequired && (
                <Button variant="subtle" color="red" onClick={() => setDoing('remove')}>
                  {t('signIn.remove')}
                </Button>
              )}
            </>
          ) : (
            <Button onClick={() => setDoing('setUp')}>{t('signIn.setUp')}</Button>
          )}
        </div>
      </Stack>
      <Drawer
        opened={doing !== null}
        onClose={() => {
          setDoing(null);
          onChange();
        }}
        // Recovery codes are shown once: a click beside them must not take them away.
        closeOnClickOutside={false}
        title={doing && { setUp: t('signIn.setUp'), replace: t('signIn.replace'), codes: t('signIn.newCodes'), remove: t('signIn.remove') }[doing]}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {doing && (
          <Work
            doing={doing}
            has={has}
            onClose={() => {
              setDoing(null);
              onChange();
            }}
          />
        )}
      </Drawer>
    </Sheet>
  );
}

/** The steps of what is done: first the proof that it is oneself. */
function Work({ doing, has, onClose }: { doing: Doing; has: boolean; onClose: () => void }) {
  const { t } = useLocale();
  const [offer, setOffer] = useState<Offer | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);

  if (codes) return <RecoveryCodes codes={codes} onKept={onClose} />;
  if (offer) {
    return (
      <Enrolment
        // The first offer came with the proof; a later one, after a long pause, needs it anew.
        offer={async () => offer}
        confirm={signedIn.confirm}
        onDone={onClose}
        onEnded={onClose}
        onExpired={() => setOffer(null)}
        onCancel={onClose}
      />
    );
  }
  const go = async (given: Proof) => {
    if (doing === 'codes') setCodes(await newRecoveryCodes(given));
    else if (doing === 'remove') {
      await removeOwnSecondStep(given);
      confirmDone(t('signIn.removed'));
      onClose();
    } else setOffer(await signedIn.offer(given));
  };
  const lead = { setUp: t('signIn.proofSetUp'), replace: t('signIn.proofReplace'), codes: t('signIn.proofCodes'), remove: t('signIn.proofRemove') }[doing];
  return <ProofForm lead={lead} hasSecondStep={has} save={doing === 'remove' ? t('signIn.remove') : t('signIn.goOn')} danger={doing === 'remove'} onProof={go} onCancel={onClose} />;
}
