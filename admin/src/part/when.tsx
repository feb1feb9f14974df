import { Tooltip } from '@mantine/core';
import { useLocale } from '@/locale/locale';

/** How long ago something was; the exact moment on hover. */
export function Ago({ at }: { at: string }) {
  const { format } = useLocale();
  return (
    <Tooltip label={format.moment(at)}>
      <time dateTime={at} className="num">
        {format.ago(at)}
      </time>
    </Tooltip>
  );
}

/** A day. */
export function Day({ at }: { at: string }) {
  const { format } = useLocale();
  return (
    <time dateTime={at} className="num" style={{ whiteSpace: 'nowrap' }}>
      {format.day(at)}
    </time>
  );
}
