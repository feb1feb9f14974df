import { useMemo } from 'react';
import { useQuery, type CombinedError } from 'urql';
import { CustomFieldsDocument, type FieldFullFragment } from '@/gql/graphql';

/** The site's custom fields, those put away included, in their order. */
export interface Fields {
  fields: FieldFullFragment[];
  byId: ReadonlyMap<string, FieldFullFragment>;
  loading: boolean;
  error: CombinedError | undefined;
}

/** Reads the fields; many parts of a page may ask, one request is sent. */
export function useFields(): Fields {
  const [{ data, error }] = useQuery({ query: CustomFieldsDocument, variables: { includeArchived: true } });
  return useMemo(() => {
    const fields = data?.customFields ?? [];
    return { fields, byId: new Map(fields.map((field) => [field.id, field])), loading: !data && !error, error: data ? undefined : error };
  }, [data, error]);
}
