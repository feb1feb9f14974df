import { Alert, Button } from '@mantine/core';
import { CircleAlert, CircleCheck } from 'lucide-react';
import { useState } from 'react';
import { useSend } from '@/api/send';
import { CheckLoginDomainDocument, type LoginDomainFullFragment, type MendFragment } from '@/gql/graphql';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { CopyBlock } from '@/part/copy';
import { Sheet } from '@/part/page';
import { Tag } from '@/part/tag';
import { Ago } from '@/part/when';
import { domainProblem, proxySnippet, tellsMore } from './domain';
import { loaderSnippet } from './snippet';
import css from './embed-page.module.css';

/** What to do until the domain works: names, proxy, check, and the line for the site's pages. */
export function DomainSteps({ domain, onChange }: { domain: LoginDomainFullFragment; onChange: () => void }) {
  const { t } = useLocale();
  const { site } = useSession();
  const { domain: name, recordName, recordText, origins, loginRedirectUrl, verifiedAt } = domain;
  const [pages, providers] = [origins.join(', '), `${loginRedirectUrl}…`];
  return (
    <>
      <Sheet title={t('embed.domain.setUp')} aside={verifiedAt ? <Tag tone="accent">{t('embed.domain.verified')}</Tag> : <Tag>{t('embed.domain.waiting')}</Tag>}>
        <ol className={css.steps}>
          {recordName && (
            <>
              <li>
                <p className={css.help}>{t('embed.domain.dns')}</p>
                <CopyBlock label="CNAME" text={`${name}. CNAME ${new URL(site.serverUrl).hostname}.`} />
                <CopyBlock label="TXT" text={`${recordName}. TXT "${recordText}"`} />
              </li>
              <li>
                <p className={css.help}>{t('embed.domain.proxy')}</p>
                {(['Caddy', 'nginx'] as const).map((proxy) => (
                  <div key={proxy}>
                    <h3 className={css.proxy}>{proxy}</h3>
                    <CopyBlock label={proxy} text={proxySnippet[proxy](name)} />
                  </div>
                ))}
              </li>
            </>
          )}
          <li>
            <p className={css.help}>{t('embed.domain.checkLead')}</p>
            <Check domain={domain} onChange={onChange} />
          </li>
        </ol>
      </Sheet>
      {verifiedAt && (
        <Sheet title={t('embed.domain.use')} lead={t('embed.domain.useLead', { origins: pages })}>
          <CopyBlock label={t('embed.domain.use')} text={loaderSnippet({ ...site, serverUrl: domain.url })} />
          <p className={css.hint}>{t('embed.domain.policy', { url: domain.url })}</p>
          <p className={css.hint}>{t('embed.domain.providers', { url: providers })}</p>
        </Sheet>
      )}
    </>
  );
}

function Check({ domain, onChange }: { domain: LoginDomainFullFragment; onChange: () => void }) {
  const locale = useLocale();
  const { t } = locale;
  const { send, busy } = useSend(CheckLoginDomainDocument);
  const [wrong, setWrong] = useState<MendFragment | null>(null);
  const check = async () => {
    const payload = await send({});
    if (!payload) return;
    setWrong(payload.errors[0] ?? null);
    onChange();
  };
  return (
    <>
      <div role="status">
        {wrong ? (
          <Alert color="red" mb="sm" icon={<CircleAlert size={18} aria-hidden />} title={domainProblem(locale, wrong)}>
            {tellsMore(wrong.code) && <span lang="en">{wrong.message}</span>}
          </Alert>
        ) : (
          domain.verifiedAt && (
            <Alert color="pine" mb="sm" icon={<CircleCheck size={18} aria-hidden />}>
              {t('embed.domain.inOrder')} <Ago at={domain.verifiedAt} />
            </Alert>
          )
        )}
      </div>
      <Button variant={domain.verifiedAt ? 'default' : 'filled'} loading={busy} onClick={() => void check()}>
        {t('embed.domain.check')}
      </Button>
    </>
  );
}
