import { Button, Checkbox, Radio, Select, Stack } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { GroupNamesDocument, type ImportMatch, type ImportPolicy } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Sheet } from '@/part/page';
import css from './upload-form.module.css';

const policies: readonly ImportPolicy[] = ['UPDATE', 'FILL', 'SKIP', 'CREATE'];
const matches: readonly ImportMatch[] = ['ID', 'NUMBER', 'REFERENCE', 'EMAIL', 'NAME'];
const usual: readonly ImportMatch[] = ['ID', 'REFERENCE', 'EMAIL', 'NAME'];

interface Props {
  busy: boolean;
  onBack: () => void;
  onStart: (policy: ImportPolicy, matchBy: ImportMatch[], groupId: string | null) => void;
}

/** What to do with contacts that are there, and by what they are known. */
export function HowStep({ busy, onBack, onStart }: Props) {
  const { t } = useLocale();
  const [{ data }] = useQuery({ query: GroupNamesDocument });
  const [policy, setPolicy] = useState<ImportPolicy>('UPDATE');
  const [matchBy, setMatchBy] = useState<readonly ImportMatch[]>(usual);
  const [groupId, setGroupId] = useState<string | null>(null);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onStart(policy, [...matchBy], groupId);
      }}
    >
      <Sheet>
        <Stack gap="lg">
          <Radio.Group label={t('import.how.title')} value={policy} onChange={(value) => setPolicy(policies.find((one) => one === value) ?? 'UPDATE')}>
            <Stack gap="xs" mt="xs">
              {policies.map((one) => (
                <Radio key={one} value={one} label={t(`import.policy.${one}`)} description={t(`import.policyHelp.${one}`)} />
              ))}
            </Stack>
          </Radio.Group>
          <Checkbox.Group label={t('import.how.match')} value={[...matchBy]} onChange={(value) => setMatchBy(matches.filter((one) => value.includes(one)))}>
            <Stack gap="xs" mt="xs">
              {matches.map((one) => (
                <Checkbox key={one} value={one} label={t(`import.match.${one}`)} />
              ))}
            </Stack>
          </Checkbox.Group>
          <Select
            label={t('import.group')}
            placeholder={t('import.noGroup')}
            clearable
            clearButtonProps={{ 'aria-label': t('action.clear') }}
            data={(data?.groups ?? []).map((group) => ({ value: group.id, label: group.name }))}
            value={groupId}
            onChange={setGroupId}
          />
        </Stack>
        <p className="dim">{t('import.how.tryHelp')}</p>
        <div className={css.foot}>
          <Button variant="default" onClick={onBack}>
            {t('action.back')}
          </Button>
          <Button type="submit" loading={busy} disabled={matchBy.length === 0 && policy !== 'CREATE'}>
            {t('import.how.try')}
          </Button>
        </div>
      </Sheet>
    </form>
  );
}
