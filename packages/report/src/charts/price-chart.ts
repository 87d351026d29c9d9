import type { Bars } from '@breakwater/features'
import { axis, type Chart, COLOURS } from './chart.ts'

/** Bars to mark: at what times, and under which name. */
export interface PriceMarks {
  readonly name: string
  readonly times: readonly bigint[]
}

/** Groups of bars that are drawn as one: more would not be told apart. */
const GROUPS = 600
/** Prices that differ by more than this factor are drawn on a logarithmic axis. */
const LINEAR_RANGE = 3
const SYMBOLS = ['triangle', 'diamond', 'rect', 'circle', 'pin'] as const

interface Group {
  readonly row: number
  readonly low: number
  readonly high: number
}

/** Highest and lowest price of runs of bars, at most {@link GROUPS} of them. */
function groupsOf({ rows, low, high }: Bars): Group[] {
  const size = Math.max(1, Math.ceil(rows / GROUPS))
  const groups: Group[] = []
  for (let from = 0; from < rows; from += size) {
    const group = { row: from, low: Infinity, high: 0 }
    for (let row = from; row < Math.min(rows, from + size); row++) {
      group.low = Math.min(group.low, low[row] as number)
      group.high = Math.max(group.high, high[row] as number)
    }
    groups.push(group)
  }
  return groups
}

/** The first row at or after a time, or the last row. */
function rowAt({ ts, rows }: Bars, time: bigint): number {
  let [low, high] = [0, rows - 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ts[middle] as bigint) < time) low = middle + 1
    else high = middle
  }
  return low
}

const timeText = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 10)

/**
 * Lows and highs of bars against their number, with marks. Bars are evenly spaced, so nights and absent days take no room.
 * There must be at least one bar.
 */
export function priceChart(
  bars: Bars,
  marks: readonly PriceMarks[],
  { id, width }: Pick<Chart, 'id' | 'width'>,
): Chart {
  const groups = groupsOf(bars)
  const [bottom, top] = [Math.min(...groups.map(({ low }) => low)), Math.max(...groups.map(({ high }) => high))]
  const line = (pick: (group: Group) => number): Record<string, unknown> => ({
    type: 'line',
    silent: true,
    showSymbol: false,
    lineStyle: { color: COLOURS.accent, width: 1 },
    data: groups.map((group) => [group.row, pick(group)]),
  })
  const points = ({ times }: PriceMarks): number[][] =>
    times.map((time) => {
      const row = rowAt(bars, time)
      return [row, bars.close[row] as number]
    })
  const marked = marks.map((mark, i) => ({
    type: 'line',
    silent: true,
    showSymbol: true,
    symbol: SYMBOLS[i % SYMBOLS.length],
    symbolSize: 9,
    itemStyle: { color: COLOURS.ink },
    lineStyle: { width: 0 },
    data: points(mark),
  }))
  const label = marks.map(({ name, times }) => `${name} at ${times.map(timeText).slice(0, 3).join(', ')}`).join('; ')
  return {
    id,
    width,
    height: 320,
    label: `Lows and highs of ${bars.rows} bars from ${bottom} to ${top}. ${label === '' ? 'Nothing is marked' : label}.`,
    option: {
      grid: { left: 64, right: 16, top: 12, bottom: 40, outerBoundsMode: 'none' },
      xAxis: axis('', {
        type: 'value',
        min: 0,
        max: Math.max(1, bars.rows - 1),
        splitNumber: 6,
        splitLine: { show: false },
        axisLabel: {
          color: COLOURS.muted,
          fontSize: 11,
          hideOverlap: true,
          formatter: (row: number): string => timeText(bars.ts[Math.min(bars.rows - 1, Math.round(row))] as bigint),
        },
      }),
      yAxis: axis('price', { type: top / bottom > LINEAR_RANGE ? 'log' : 'value', scale: true, nameGap: 48 }),
      series: [line(({ high }) => high), line(({ low }) => low), ...marked],
    },
  }
}

/** The sign that stands for the n-th marks of a chart, as a word. */
export const markName = (index: number): string => SYMBOLS[index % SYMBOLS.length] ?? ''
