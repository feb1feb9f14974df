import { Alert, Anchor, Button, Progress, Select } from '@mantine/core';
import { CircleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import {
  CampaignRecipientsDocument, CancelCampaignDocument, PauseCampaignDocument, ResumeCampaignDocument, SendCampaignAgainDocument, type CampaignFullFragment, type MendFragment,
  type RecipientState,
} from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { useConfirm } from '@/part/confirm';
import { DataTable } from '@/part/data-table';
import { LiveNumber } from '@/part/live-number';
import { Page, Sheet } from '@/part/page';
import { Pager, usePages } from '@/part/pager';
import { Loading, Problem } from '@/part/state';
import { Reach, useAudience } from './audience';
import { CampaignDetails } from './campaign-details';
import { KeepButton } from './keep-dialog';
import { textsOf } from './texts';
import { CampaignState, RecipientTag } from './words';
import css from './campaign.module.css';

interface Props {
  campaign: CampaignFullFragment;
  onChange: (campaign: CampaignFullFragment) => void;
}

const parts = ['sent', 'leftOut', 'failed', 'uncertain'] as const;
const colors = { sent: 'pine.6', leftOut: 'gray.5', failed: 'red.6', uncertain: 'yellow.6' };

/** Of how many it is not settled yet. */
const waiting = ({ total, sent, leftOut, failed, uncertain }: CampaignFullFragment) => total - sent - leftOut - failed - uncertain;

/** A campaign that is being sent or was: how far it is, and with whom. */
export function CampaignRun({ campaign, onChange }: Props) {
  const { t } = useLocale();
  return (
    <Page
      title={campaign.name}
      back={{ to: '/campaigns', label: t('nav.campaigns') }}
      heading={
        <span className={css.heading}>
          {campaign.name} <CampaignState status={campaign.status} />
        </span>
      }
      actions={
        <>
          <Button variant="default" component={Link} to={`/campaigns/new?like=${campaign.id}`}>
            {t('campaign.like')}
          </Button>
          <KeepButton name={campaign.name} texts={textsOf(campaign.texts)} />
          <RunActions campaign={campaign} onChange={onChange} />
        </>
      }
    >
      {campaign.problem && (
        <Alert color={campaign.status === 'PAUSED' ? 'red' : 'yellow'} mb="md" icon={<CircleAlert size={18} aria-hidden />} title={t(campaign.status === 'PAUSED' ? 'campaign.pausedBy' : 'campaign.waits')}>
          {campaign.problem}
        </Alert>
      )}
      {campaign.startedAt ? <Progressed campaign={campaign} /> : campaign.status !== 'CANCELLED' && <Planned campaign={campaign} />}
      <CampaignDetails campaign={campaign} />
      {campaign.total > 0 && <Recipients campaign={campaign} />}
    </Page>
  );
}

/** When it will begin, and how many it would reach now. */
function Planned({ campaign }: { campaign: CampaignFullFragment }) {
  const { t, format } = useLocale();
  return (
    <Sheet title={t('campaign.audience')} lead={campaign.sendAt && campaign.status === 'QUEUED' ? t('campaign.planned', { when: format.moment(campaign.sendAt) }) : t('campaign.audienceHelp')}>
      <Reach found={useAudience(campaign)} />
    </Sheet>
  );
}

/** How far it is. */
function Progressed({ campaign }: { campaign: CampaignFullFragment }) {
  const { t, tn } = useLocale();
  const share = (count: number) => (campaign.total > 0 ? (count / campaign.total) * 100 : 0);
  const going = campaign.status === 'SENDING' || campaign.status === 'QUEUED';
  const counters = [
    ...(waiting(campaign) > 0 ? [['waiting', waiting(campaign)] as const] : []),
    ...parts.map((key) => [key, campaign[key]] as const),
    ...(campaign.channel === 'SMS' ? [['delivered', campaign.delivered] as const] : []),
    ...(campaign.opened > 0 ? (['opened', 'clicked'] as const).map((key) => [key, campaign[key]] as const) : []),
  ];
  return (
    <Sheet title={t('campaign.progress')}>
      <div role="status">
        <dl className={css.counters}>
          {counters.map(([key, count]) => (
            <div key={key}>
              <dt className="dim">{t(`campaign.count.${key}`)}</dt>
              <dd className={css.number}>
                <LiveNumber value={count} />
              </dd>
            </div>
          ))}
        </dl>
      </div>
      <Progress.Root size="lg" radius="sm">
        {parts.map((key) => (
          <Progress.Section key={key} value={share(campaign[key])} color={colors[key]} animated={going} aria-label={t(`campaign.count.${key}`)} />
        ))}
      </Progress.Root>
      {campaign.uncertain > 0 && <p className={css.hint}>{tn('campaign.uncertainHelp', campaign.uncertain)}</p>}
    </Sheet>
  );
}

function RunActions({ campaign, onChange }: Props) {
  const { t, tn } = useLocale();
  const confirm = useConfirm();
  const told = useTellErrors();
  const pause = useSend(PauseCampaignDocument);
  const resume = useSend(ResumeCampaignDocument);
  const cancel = useSend(CancelCampaignDocument);
  const again = useSend(SendCampaignAgainDocument);
  const input = { id: campaign.id };
  const accept = (payload: { campaign: CampaignFullFragment | null; errors: MendFragment[] } | null) => {
    if (told(payload) && payload?.campaign) onChange(payload.campaign);
  };
  const stop = async () => {
    const text = campaign.total === 0 ? t('campaign.cancelUnbegun') : tn('campaign.cancelText', waiting(campaign));
    if (await confirm({ title: t('campaign.cancelTitle'), text, yes: t('campaign.cancel'), danger: true })) accept(await cancel.send({ input }));
  };
  const repeat = async () => {
    if (await confirm({ title: t('campaign.againTitle'), text: tn('campaign.againText', campaign.uncertain), yes: t('campaign.again') })) accept(await again.send({ input }));
  };
  const open = campaign.status === 'QUEUED' || campaign.status === 'SENDING' || campaign.status === 'PAUSED';
  return (
    <>
      {campaign.uncertain > 0 && (
        <Button variant="default" loading={again.busy} onClick={() => void repeat()}>
          {t('campaign.again')}
        </Button>
      )}
      {campaign.status === 'PAUSED' && (
        <Button loading={resume.busy} onClick={() => void resume.send({ input }).then(accept)}>
          {t('campaign.resume')}
        </Button>
      )}
      {(campaign.status === 'QUEUED' || campaign.status === 'SENDING') && (
        <Button variant="default" loading={pause.busy} onClick={() => void pause.send({ input }).then(accept)}>
          {t('campaign.pause')}
        </Button>
      )}
      {open && (
        <Button variant="default" color="red" loading={cancel.busy} onClick={() => void stop()}>
          {t('campaign.cancel')}
        </Button>
      )}
    </>
  );
}

const states: RecipientState[] = ['SENT', 'DELIVERED', 'LEFT_OUT', 'FAILED', 'UNCERTAIN', 'PENDING', 'SENDING'];

/** Whom the campaign is for, and what became of each. */
function Recipients({ campaign }: { campaign: CampaignFullFragment }) {
  const { t } = useLocale();
  const [state, setState] = useState<RecipientState | null>(null);
  const { after, pages, go, reset } = usePages();
  const [{ data, error }, reload] = useQuery({ query: CampaignRecipientsDocument, variables: { id: campaign.id, state, after }, requestPolicy: 'cache-and-network' });
  const moved = `${campaign.status} ${campaign.sent} ${campaign.leftOut} ${campaign.failed} ${campaign.uncertain}`;
  useEffect(() => reload({ requestPolicy: 'network-only' }), [moved, reload]);
  const list = data?.campaign.recipients;
  return (
    <Sheet
      title={t('campaign.recipients')}
      aside={
        <Select
          aria-label={t('campaign.state')}
          placeholder={t('campaign.all')}
          clearable
          clearButtonProps={{ 'aria-label': t('action.clear') }}
          data={states.map((one) => ({ value: one, label: t(`campaign.recipient.${one}`) }))}
          value={state}
          onChange={(one) => {
            setState(one as RecipientState | null);
            reset();
          }}
        />
      }
    >
      {error && !list ? (
        <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
      ) : !list ? (
        <Loading />
      ) : list.nodes.length === 0 ? (
        <p className="dim">{t('campaign.nobody')}</p>
      ) : (
        <DataTable
          label={t('campaign.recipients')}
          rows={list.nodes}
          rowKey={(row) => row.contactId}
          columns={[
            {
              key: 'name',
              header: t('campaign.contact'),
              width: '28%',
              phone: 'title',
              cell: (row) =>
                row.contact ? (
                  <Anchor component={Link} to={`/contacts/${row.contact.id}`} className={css.name}>
                    {row.contact.displayName}
                  </Anchor>
                ) : (
                  <span className="dim">{t('campaign.gone')}</span>
                ),
            },
            { key: 'address', header: t('campaign.address'), width: '30%', cell: (row) => row.address && <span className={css.name}>{row.address}</span> },
            {
              key: 'state',
              header: t('campaign.state'),
              cell: (row) => <RecipientTag recipient={row} />,
            },
          ]}
        />
      )}
      {list && <Pager pages={pages} go={go} place={list.pageInfo} />}
    </Sheet>
  );
}
