import { percent } from '../html/format.ts'
import { axis, type Chart, COLOURS } from './chart.ts'

/** A line of a chart of rates. */
export interface CurveLine {
  readonly name: string
  /** x in [0, 1], by rising x. */
  readonly points: readonly (readonly [x: number, y: number])[]
  /** Dashed and grey: what to compare with. */
  readonly isReference?: boolean
  readonly isSecond?: boolean
}

/** What a chart of curves is about. */
export interface Curves {
  readonly x: string
  readonly y: string
  readonly lines: readonly CurveLine[]
  /** Upper end of the vertical axis; the rates' 1 by default. */
  readonly top?: number
  readonly format?: (value: number) => string
}

const share = (value: number): string => percent(value, 0)

/** Curves over [0, 1]. */
export function curveChart(id: string, title: string, { x, y, lines, top = 1, format = share }: Curves): Chart {
  const label = { color: COLOURS.muted, fontSize: 11 }
  return {
    id,
    width: 300,
    height: 250,
    label: `${title}: ${lines.map((line) => describe(line, format)).join('; ')}.`,
    option: {
      grid: { left: 52, right: 14, top: 8, bottom: 44, outerBoundsMode: 'none' },
      xAxis: axis(x, {
        type: 'value',
        min: 0,
        max: 1,
        interval: 0.25,
        nameGap: 26,
        axisLabel: { ...label, formatter: share },
      }),
      yAxis: axis(y, {
        type: 'value',
        min: 0,
        max: top,
        splitNumber: 4,
        nameGap: 36,
        axisLabel: { ...label, formatter: format },
      }),
      series: lines.map(({ points, isReference = false, isSecond = false }) => ({
        type: 'line',
        silent: true,
        symbol: 'none',
        lineStyle: {
          color: isReference ? COLOURS.muted : isSecond ? COLOURS.validation : COLOURS.accent,
          width: isReference ? 1 : 1.75,
          type: isReference ? [4, 4] : isSecond ? [6, 3] : 'solid',
        },
        data: points,
      })),
    },
  }
}

function describe({ name, points }: CurveLine, format: (value: number) => string): string {
  const picked = [0.25, 0.5, 0.75].flatMap((at) => points.find(([x]) => x >= at) ?? [])
  const pairs: string[] = []
  for (let i = 0; i + 1 < picked.length; i += 2) {
    pairs.push(`${format(picked[i + 1] as number)} at ${share(picked[i] as number)}`)
  }
  return `${name} ${pairs.join(', ')}`
}
