import { useElementSize } from '@mantine/hooks';
import { useState, type PointerEvent } from 'react';
import { axisOf } from '@/part/axis';
import chart from '@/part/chart.module.css';
import css from './chart.module.css';

// Drawn by hand: a library of charts is several times what all the rest of the page weighs, and says no more with bars.

const height = 190;
const edge = { top: 10, right: 2, bottom: 24 };
const digit = 7.4; // the width of one at the axis, in pixels
const nameWidth = 64; // of a step's name below the chart

/** A step of the chart. */
export interface Bar {
  key: string;
  /** The step in full, as it is told when pointed at. */
  name: string;
  /** The same below the chart. */
  short: string;
  value: number;
  /** What the value is a part of. */
  of?: number;
  /** What is told of it. */
  told: string;
}

interface Props {
  bars: readonly Bar[];
  /** How a value is written at the axis. */
  tick: (value: number) => string;
  /** The element that says what it shows. */
  labelledBy: string;
}

/** Values step by step, as bars. What it shows is told by the element that `labelledBy` names, and by the table. */
export function BarChart(props: Props) {
  const { ref, width } = useElementSize();
  return (
    <div ref={ref} className={chart.chart} style={{ height }}>
      {width > 0 && <Drawing {...props} width={width} />}
    </div>
  );
}

function Drawing({ bars, tick, labelledBy, width }: Props & { width: number }) {
  const [pointed, setPointed] = useState<number | null>(null);
  const axis = axisOf([0, ...bars.map(({ value, of }) => of ?? value)]);
  const left = Math.max(...axis.ticks.map((one) => tick(one).length)) * digit + 10;
  const [right, bottom] = [width - edge.right, height - edge.bottom];
  const slot = (right - left) / bars.length;
  const bar = Math.min(44, Math.max(2, slot * 0.72));
  const x = (index: number) => left + (index + 0.5) * slot;
  const y = (value: number) => bottom - (value / axis.high) * (bottom - edge.top);
  const named = Math.max(1, Math.ceil(nameWidth / slot)); // each so many-th
  const told = pointed === null ? undefined : bars[pointed];

  const point = (event: PointerEvent<SVGSVGElement>) => {
    const index = Math.floor((event.clientX - event.currentTarget.getBoundingClientRect().left - left) / slot);
    setPointed(index >= 0 && index < bars.length ? index : null);
  };
  return (
    <>
      <svg width={width} height={height} role="img" aria-labelledby={labelledBy} onPointerMove={point} onPointerDown={point} onPointerLeave={() => setPointed(null)}>
        {axis.ticks.map((one) => (
          <g key={one}>
            <line className={chart.grid} x1={left} x2={right} y1={y(one)} y2={y(one)} />
            <text className={chart.tick} x={left - 8} y={y(one)} dy="0.35em" textAnchor="end">
              {tick(one)}
            </text>
          </g>
        ))}
        {pointed !== null && told && <rect className={css.pointed} x={x(pointed) - slot / 2} y={edge.top} width={slot} height={bottom - edge.top} />}
        {bars.map(({ key, value, of }, index) => (
          <g key={key}>
            {of !== undefined && <Column className={css.whole} x={x(index)} width={bar} top={y(of)} bottom={bottom} />}
            <Column className={css.bar} x={x(index)} width={bar} top={y(value)} bottom={bottom} />
          </g>
        ))}
        {bars.map(({ key, short }, index) =>
          index % named === 0 && x(index) + nameWidth / 2 < right + slot / 2 ? (
            <text key={key} className={chart.tick} x={Math.max(x(index), left + nameWidth / 3)} y={height - 6} textAnchor="middle">
              {short}
            </text>
          ) : null,
        )}
      </svg>
      {pointed !== null && told && (
        <span className={chart.told} aria-hidden style={x(pointed) > width / 2 ? { right: width - x(pointed) + slot / 2 + 4 } : { left: x(pointed) + slot / 2 + 4 }}>
          <strong>{told.told}</strong> {told.name}
        </span>
      )}
    </>
  );
}

function Column({ className, x, width, top, bottom }: { className: string | undefined; x: number; width: number; top: number; bottom: number }) {
  return bottom - top > 0 ? <rect className={className} x={x - width / 2} y={top} width={width} height={bottom - top} rx={Math.min(2, width / 4)} /> : null;
}

/** A column of a chart's table. */
export interface ChartColumn<T> {
  key: string;
  header: string;
  cell: (row: T) => string;
}

/** A chart's values as a table, the newest first. */
export function ChartTable<T extends { from: string }>({ label, first, rows, columns }: { label: string; first: ChartColumn<T>; rows: readonly T[]; columns: readonly ChartColumn<T>[] }) {
  return (
    <div className={chart.frame} tabIndex={0} role="group" aria-label={label}>
      <table className={chart.table} aria-label={label}>
        <thead>
          <tr>
            {[first, ...columns].map(({ key, header }) => (
              <th key={key} scope="col">
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.toReversed().map((row) => (
            <tr key={row.from}>
              <th scope="row">{first.cell(row)}</th>
              {columns.map(({ key, cell }) => (
                <td key={key}>{cell(row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
