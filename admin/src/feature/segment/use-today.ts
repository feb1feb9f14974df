import { useEffect, useState } from 'react';
import { useSession } from '@/feature/session/session';
import { dayIn } from './history';

/** The day that it is for the site, also on a page that stays open over midnight. */
export function useToday(): string {
  const { timeZone } = useSession().site;
  const [today, setToday] = useState(() => dayIn(timeZone, new Date()));
  useEffect(() => {
    const look = () => setToday(dayIn(timeZone, new Date()));
    look();
    const timer = setInterval(look, 30_000);
    return () => clearInterval(timer);
  }, [timeZone]);
  return today;
}
