import { createContext, use, useMemo, type ReactNode } from 'react';
import { Navigate, useLocation } from 'react-router';
import { useQuery } from 'urql';
import { isSignedOut } from '@/api/error';
import { useSessionSwitch } from '@/api/api-provider';
import { ViewerDocument, type Access, type SensitiveAttribute, type SiteCoreFragment, type ViewerQuery } from '@/gql/graphql';
import { Problem } from '@/part/state';

type StaffMember = NonNullable<ViewerQuery['viewer']['staff']>;

/** Who is signed in, and to which site. */
export interface Session {
  staff: StaffMember;
  site: SiteCoreFragment;
  /** Whether the role reaches a level; each includes those below it. */
  can: (level: Access) => boolean;
  /** What of contacts the role does not read. */
  hidden: readonly SensitiveAttribute[];
}

const levels: Access[] = ['SITE', 'ACCOUNT', 'VIEWER', 'SUPPORT', 'OPERATOR', 'MANAGER', 'OWNER'];
const Context = createContext<Session | null>(null);

/** Shows what is below to staff who are signed in; sends everybody else to the sign-in page. */
export function SessionGate({ children }: { children: ReactNode }) {
  const { ended } = useSessionSwitch();
  const location = useLocation();
  const [{ data, error }, retry] = useQuery({ query: ViewerDocument });
  const viewer = data?.viewer;

  const session = useMemo<Session | null>(() => {
    if (!viewer?.staff) return null;
    const height = levels.indexOf(viewer.access);
    return { staff: viewer.staff, site: viewer.site, can: (level) => levels.indexOf(level) <= height, hidden: viewer.hidden };
  }, [viewer]);

  if (ended || (error && isSignedOut(error)) || (viewer && !viewer.staff)) {
    return <Navigate to="/sign-in" replace state={{ from: location.pathname + location.search }} />;
  }
  if (session) return <Context value={session}>{children}</Context>;
  return error ? <Problem error={error} retry={() => retry({ requestPolicy: 'network-only' })} /> : null;
}

/** The session. Only below SessionGate. */
export function useSession(): Session {
  const session = use(Context);
  if (!session) throw new Error('useSession needs a SessionGate above');
  return session;
}
