import { useEffect, useRef } from 'react';

/** Calls back every `pause` milliseconds while the page is seen, and once when it is seen again. */
export function useEvery(pause: number, look: () => void): void {
  const latest = useRef(look);
  useEffect(() => {
    latest.current = look;
  });
  useEffect(() => {
    const seen = () => {
      if (document.visibilityState === 'visible') latest.current();
    };
    const timer = setInterval(seen, pause);
    document.addEventListener('visibilitychange', seen);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [pause]);
}
