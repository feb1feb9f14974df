import { Select } from '@mantine/core';
import { useQuery } from 'urql';
import { SubdivisionsDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Row } from '@/part/form';

interface Props {
  country: string;
  /** The code of a region or department, ISO 3166-2; empty for none. */
  value: string;
  onChange: (code: string) => void;
}

/** Department and region from the country's lists (S-109): a department brings its region. Nothing where no list is kept. */
export function SubdivisionInputs({ country, value, onChange }: Props) {
  const { t } = useLocale();
  const [{ data }] = useQuery({ query: SubdivisionsDocument, variables: { country }, pause: country === '' });
  const all = country === '' ? [] : (data?.subdivisions ?? []);
  if (all.length === 0) return null;
  const chosen = all.find((one) => one.code === value);
  const department = chosen?.kind === 'DEPARTMENT' ? chosen.code : null;
  const region = chosen ? (department ? chosen.parent || null : chosen.code) : null;
  const departments = all.filter((one) => one.kind === 'DEPARTMENT' && (region === null || one.parent === region));
  const regions = all.filter((one) => one.kind === 'REGION');
  const shared = { searchable: true, clearable: true, clearButtonProps: { 'aria-label': t('action.clear') } };
  return (
    <Row>
      {departments.length > 0 && (
        <Select
          {...shared}
          label={t('contact.field.department')}
          data={departments.map((one) => ({ value: one.code, label: `${one.name} (${one.code.slice(3)})` }))}
          value={department}
          onChange={(code) => onChange(code ?? region ?? '')}
        />
      )}
      {regions.length > 0 && (
        <Select {...shared} label={t('contact.field.region')} data={regions.map((one) => ({ value: one.code, label: one.name }))} value={region} onChange={(code) => onChange(code ?? '')} />
      )}
    </Row>
  );
}
