import { Anchor, Button, Select, TextInput } from '@mantine/core';
import { Download, ScrollText, X } from 'lucide-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { AuditLogDocument, type AuditFilter } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { ActionSelect } from './action-select';
import { PrivacyFrame } from './privacy-frame';
import { useMore } from './use-pages';
import css from './privacy.module.css';

const id = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What staff and programs did: who, what, when, about whom. The filter is in the address. */
export default function AuditPage() {
  const { t, format } = useLocale();
  const [asked, setAsked] = useSearchParams();
  const [target, setTarget] = useState(asked.get('target') ?? '');
  const day = (name: string, add: number) => {
    const value = asked.get(name);
    if (!value) return null;
    const at = new Date(`${value}T00:00:00`);
    at.setDate(at.getDate() + add);
    return at.toISOString();
  };
  const filter: AuditFilter = {
    action: asked.get('action'),
    targetId: asked.get('target'),
    actorId: asked.get('actor'),
    done: asked.get('done') === null ? null : asked.get('done') === 'true',
    from: day('from', 0),
    until: day('until', 1),
  };
  const { rows, error, reload, more } = useMore(AuditLogDocument, { filter }, asked.toString());
  const ask = (changes: Record<string, string>) => {
    const next = new URLSearchParams(asked);
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    setAsked(next, { replace: true });
    setTarget(next.get('target') ?? '');
  };
  const file = new URLSearchParams(Object.entries({ action: filter.action, target: filter.targetId, actor: filter.actorId, done: asked.get('done'), from: filter.from, until: filter.until }).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  const wrongTarget = target !== '' && !id.test(target);
  return (
    <PrivacyFrame
      tab="audit"
      lead={t('privacy.audit.lead')}
      actions={
        <Button component="a" href={`/v1/audit.csv?${file.toString()}`} download variant="default" leftSection={<Download size={15} aria-hidden />}>
          {t('privacy.audit.file')}
        </Button>
      }
    >
      <Sheet>
        <form
          className={css.find}
          role="search"
          onSubmit={(event) => {
            event.preventDefault();
            if (!wrongTarget) ask({ target: target.trim() });
          }}
        >
          <ActionSelect label={t('privacy.audit.action')} value={asked.get('action') ?? ''} onChange={(action) => ask({ action })} />
          <TextInput label={t('privacy.audit.target')} value={target} onChange={(event) => setTarget(event.currentTarget.value)} error={wrongTarget && t('privacy.audit.noId')} />
          <Select
            label={t('privacy.audit.result')}
            data={[
              { value: '', label: t('privacy.audit.any') },
              { value: 'true', label: t('privacy.audit.done') },
              { value: 'false', label: t('privacy.audit.refused') },
            ]}
            value={asked.get('done') ?? ''}
            onChange={(value) => ask({ done: value ?? '' })}
            allowDeselect={false}
          />
          <TextInput type="date" label={t('privacy.audit.from')} value={asked.get('from') ?? ''} onChange={(event) => ask({ from: event.currentTarget.value })} />
          <TextInput type="date" label={t('privacy.audit.until')} value={asked.get('until') ?? ''} onChange={(event) => ask({ until: event.currentTarget.value })} />
          <Button type="submit" variant="default">
            {t('privacy.audit.look')}
          </Button>
        </form>
        {asked.size > 0 && (
          <Button variant="subtle" size="compact-sm" mb="sm" leftSection={<X size={14} aria-hidden />} onClick={() => ask({ action: '', target: '', actor: '', done: '', from: '', until: '' })}>
            {t('privacy.audit.clear')}
          </Button>
        )}
        {error && !rows ? (
          <Problem error={error} retry={reload} />
        ) : !rows ? (
          <Loading />
        ) : rows.length === 0 ? (
          <Empty icon={ScrollText} title={t('privacy.audit.none')} />
        ) : (
          <ul className={css.list} aria-label={t('privacy.tab.audit')}>
            {rows.map((one) => (
              <li key={one.id} className={css.entry}>
                <time dateTime={one.at} className="num">
                  {format.moment(one.at)}
                </time>
                <span>
                  {one.actorId ? (
                    <Anchor component="button" type="button" onClick={() => ask({ actor: one.actorId ?? '' })} aria-label={t('privacy.audit.onlyBy', { name: one.actorName })}>
                      {one.actorName}
                    </Anchor>
                  ) : (
                    one.actorName || t('privacy.audit.nobody')
                  )}{' '}
                  {one.actorKind === 'API_KEY' && <Tag>{t('privacy.audit.key')}</Tag>}
                </span>
                <Deed action={one.action} only={() => ask({ action: one.action })} />
                <span className={css.result}>{!one.done && <Tag tone="danger">{t('privacy.audit.refused')}</Tag>}</span>
                <span className={css.targets}>
                  {one.targets.slice(0, 3).map((target) => (
                    <Anchor key={target} component="button" type="button" onClick={() => ask({ target })} aria-label={t('privacy.audit.onlyAbout', { id: target })}>
                      {target.slice(0, 8)}…{target.slice(-4)}
                    </Anchor>
                  ))}
                  {one.targets.length > 3 && ` +${one.targets.length - 3}`}
                </span>
              </li>
            ))}
          </ul>
        )}
        {more && (
          <Button variant="default" mt="md" onClick={more}>
            {t('action.more')}
          </Button>
        )}
      </Sheet>
    </PrivacyFrame>
  );
}

/** What was done, in words, beside the name by which programs know it. */
function Deed({ action, only }: { action: string; only: () => void }) {
  const { t, known } = useLocale();
  const words = known('privacy.deed', action);
  return (
    <span className={css.action}>
      <Anchor component="button" type="button" onClick={only} aria-label={t('privacy.audit.onlyWhat', { action: words ?? action })}>
        {words ?? <code>{action}</code>}
      </Anchor>
      {words && <code>{action}</code>}
    </span>
  );
}
