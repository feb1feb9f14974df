import { useElementSize } from '@mantine/hooks';
import { useState, type PointerEvent } from 'react';
import { useLocale } from '@/locale/locale';
import { axisOf } from '@/part/axis';
import chart from '@/part/chart.module.css';
import { dayAfter, dayTicks, nearest, stretches, type Point, type Trend } from './history';
import css from './history.module.css';

const height = 176;
const edge = { top: 10, right: 8, bottom: 24 };
const digit = 6.6; // the width of one at the axis, in pixels

/** A segment's counts as a line. What it shows is told by the element that `labelledBy` names, and by the table. */
export function HistoryChart({ trend, labelledBy }: { trend: Trend; labelledBy: string }) {
  const { ref, width } = useElementSize();
  return (
    <div ref={ref} className={chart.chart} style={{ height }}>
      {width > 0 && <Drawing trend={trend} width={width} labelledBy={labelledBy} />}
    </div>
  );
}

function Drawing({ trend, width, labelledBy }: { trend: Trend; width: number; labelledBy: string }) {
  const { t, format } = useLocale();
  const [place, setPlace] = useState<number | null>(null);
  const { first, span, points } = trend;
  const axis = axisOf(points.map(({ count }) => count));
  const left = Math.max(...axis.ticks.map((tick) => format.number(tick).length)) * digit + 10;
  const [right, bottom] = [width - edge.right, height - edge.bottom];
  const x = (at: number) => left + (at / span) * (right - left);
  const y = (count: number) => bottom - ((count - axis.low) / (axis.high - axis.low)) * (bottom - edge.top);
  const pointed = place === null ? undefined : nearest(points, place);

  const point = (event: PointerEvent<SVGSVGElement>) => {
    const offset = event.clientX - event.currentTarget.getBoundingClientRect().left;
    setPlace(((offset - left) / (right - left)) * span);
  };
  return (
    <>
      <svg width={width} height={height} role="img" aria-labelledby={labelledBy} onPointerMove={point} onPointerDown={point} onPointerLeave={() => setPlace(null)}>
        {axis.ticks.map((tick) => (
          <g key={tick}>
            <line className={chart.grid} x1={left} x2={right} y1={y(tick)} y2={y(tick)} />
            <text className={chart.tick} x={left - 8} y={y(tick)} dy="0.35em" textAnchor="end">
              {format.number(tick)}
            </text>
          </g>
        ))}
        {dayTicks(span, width < 520 ? 2 : 5).map((at) => (
          <text key={at} className={chart.tick} x={x(at)} y={height - 6} textAnchor={at === 0 ? 'start' : 'middle'}>
            {format.dayOfYear(dayAfter(first, at))}
          </text>
        ))}
        <text className={chart.tick} x={right} y={height - 6} textAnchor="end">
          {t('segment.history.now')}
        </text>
        {stretches(points).map((line) => (
          <Stretch key={line[0]?.at} line={line} x={x} y={y} bottom={axis.low === 0 ? bottom : null} />
        ))}
        {pointed && <line className={css.pointed} x1={x(pointed.at)} x2={x(pointed.at)} y1={edge.top} y2={bottom} />}
        <Mark point={pointed ?? points.at(-1)} x={x} y={y} />
      </svg>
      {pointed && (
        <span className={chart.told} aria-hidden style={x(pointed.at) > width / 2 ? { right: width - x(pointed.at) + 10 } : { left: x(pointed.at) + 10 }}>
          <strong>{format.number(pointed.count)}</strong> {pointed.day ? format.day(pointed.day) : t('segment.history.now')}
        </span>
      )}
    </>
  );
}

interface Scale {
  x: (at: number) => number;
  y: (count: number) => number;
}

/** Days that follow one another, as a line; one alone is a dot. Above zero, which is at the bottom, it has a ground. */
function Stretch({ line, x, y, bottom }: Scale & { line: Point[]; bottom: number | null }) {
  const [start, end] = [line[0], line.at(-1)];
  if (!start || !end || start === end) return start ? <circle className={css.dot} cx={x(start.at)} cy={y(start.count)} r={2.5} /> : null;
  const path = lineOf(line, x, y);
  return (
    <>
      {bottom !== null && <path className={css.ground} d={`${path}V${bottom}H${x(start.at)}Z`} />}
      <path className={css.line} d={path} />
    </>
  );
}

function Mark({ point, x, y }: Scale & { point: Point | undefined }) {
  return point ? <circle className={css.mark} cx={x(point.at)} cy={y(point.count)} r={4} /> : null;
}

const lineOf = (line: readonly Point[], x: Scale['x'], y: Scale['y']): string => line.map(({ at, count }, index) => `${index === 0 ? 'M' : 'L'}${x(at).toFixed(1)},${y(count).toFixed(1)}`).join('');

const small = { width: 96, height: 24, edge: 2.5 };

/** The same in the size of a word. */
export function Sparkline({ trend, label }: { trend: Trend; label: string }) {
  const { low, high } = axisOf(trend.points.map(({ count }) => count));
  const x = (at: number) => small.edge + (at / trend.span) * (small.width - 2 * small.edge);
  const y = (count: number) => small.height - small.edge - ((count - low) / (high - low)) * (small.height - 2 * small.edge);
  const last = trend.points.at(-1);
  return (
    <svg className={css.spark} width={small.width} height={small.height} role="img" aria-label={label}>
      {stretches(trend.points).map((line) => (
        <Stretch key={line[0]?.at} line={line} x={x} y={y} bottom={low === 0 ? small.height : null} />
      ))}
      {last && <circle className={css.dot} cx={x(last.at)} cy={y(last.count)} r={2.5} />}
    </svg>
  );
}
