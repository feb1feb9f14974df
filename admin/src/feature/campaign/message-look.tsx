import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { useQuery } from 'urql';
import { textOf } from '@/api/error';
import { ContactPicker } from '@/feature/contact/contact-picker';
import { CampaignPreviewDocument, type MendFragment, type MessageChannel, type PreviewCampaignInput } from '@/gql/graphql';
import { languageNames, type Language } from '@/locale/language';
import { useLocale, type Locale } from '@/locale/locale';
import { Refused } from '@/part/form';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { MessageHead } from './message-head';
import { Plain, SmsRoomText } from './sms-count';
import { textsInput, type Texts } from './texts';
import css from './campaign.module.css';

interface Props {
  channel: MessageChannel;
  texts: Texts;
  language: Language;
  purposeId: string | null;
  offerId: string | null;
  /** As whom it is looked at; '' as nobody in particular. */
  as: string;
  onAs: (id: string) => void;
  /** Who had it sent, of what was. */
  by?: string;
  children?: ReactNode;
}

const pause = 400; // milliseconds after the last key

/** What a message looks like to somebody, as it is being written: nothing needs to be saved. */
export function MessageLook({ channel, texts, language, purposeId, offerId, as, onAs, by, children }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const all = textsInput(texts, channel);
  const shown = all.some((one) => one.language === language);
  // A contact gets it in their language; nobody in particular in the one that is being written.
  const [typed] = useDebouncedValue(JSON.stringify({ channel, texts: all, purposeId, offerId, contactId: as || null, language: as || !shown ? null : language }), pause);
  const input = useMemo(() => JSON.parse(typed) as PreviewCampaignInput, [typed]);
  const empty = input.texts.length === 0;
  const [{ data, error, stale }, reload] = useQuery({ query: CampaignPreviewDocument, variables: { input }, pause: empty, requestPolicy: 'network-only' });
  const preview = empty || stale ? undefined : data?.campaignPreview;
  const unfinished = empty || preview?.errors.some(({ code }) => code === 'REQUIRED');
  return (
    <Sheet title={t('campaign.preview')}>
      <ContactPicker label={t('campaign.previewAs')} kind={null} required={false} value={as} onChange={onAs} />
      {unfinished ? (
        <p className="dim">{t('campaign.previewUnfinished')}</p>
      ) : error ? (
        <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
      ) : !preview ? (
        <Loading lines={4} />
      ) : preview.message ? (
        <>
          <MessageHead channel={channel} message={preview.message} by={by} />
          {channel === 'EMAIL' ? <Frame input={input} title={t('campaign.preview')} /> : <Plain text={preview.message.text} />}
          {preview.message.length && <SmsRoomText room={preview.message.length} />}
        </>
      ) : (
        <div className={css.subject}>
          <Refused texts={preview.errors.map((one) => placed(locale, one))} />
        </div>
      )}
      {children}
    </Sheet>
  );
}

/** What is wrong, with the language and the part of the text where it is. */
function placed(locale: Locale, { code, message, path }: MendFragment): string {
  const [of, language, part] = path.filter((step) => step !== 'input');
  const text = textOf(locale, code, message);
  if (of !== 'texts' || !language || (part !== 'subject' && part !== 'body')) return text;
  const line = /^line (\d+):/.exec(message)?.[1];
  const place = [languageNames[language as Language], locale.t(`campaign.${part}`), part === 'body' && line ? locale.t('campaign.line', { n: line }) : ''];
  return `${place.filter(Boolean).join(', ')}: ${text}`;
}

/** The page itself, which has a policy of its own: a form is sent into a frame, since the texts are nowhere else. */
function Frame({ input: { texts, ...rest }, title }: { input: PreviewCampaignInput; title: string }) {
  const form = useRef<HTMLFormElement>(null);
  const sent = JSON.stringify({ ...rest, texts: Object.fromEntries(texts.map(({ language, ...text }) => [language, text])) });
  useEffect(() => form.current?.submit(), [sent]);
  return (
    <>
      <form ref={form} method="post" action="/v1/campaigns/preview" target="message-look" hidden>
        <input type="hidden" name="input" value={sent} />
      </form>
      <iframe key={sent} name="message-look" className={css.mail} title={title} sandbox="allow-popups allow-popups-to-escape-sandbox" />
    </>
  );
}
