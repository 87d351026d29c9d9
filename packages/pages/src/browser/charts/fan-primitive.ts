import type {
  AutoscaleInfo,
  IPrimitivePaneView,
  ISeriesPrimitive,
  Logical,
  SeriesAttachedParameter,
} from 'lightweight-charts'
import type { FanBand, FanPoint } from './fan.ts'
import { faded, type Theme } from './theme.ts'

/** A fan on a chart of minute bars. */
export interface DrawnFan {
  readonly bands: readonly FanBand[]
  readonly level: number
  /** +1 where a break goes up, -1 where it goes down. */
  readonly sign: 1 | -1
  /** Where the fan begins, in bars: 0 is the middle of the first bar of the series. */
  readonly startBar: number
}

/** Strength of a band's colour, widest band first. */
const STRENGTHS = [0.16, 0.26, 0.42]
const SECONDS_PER_BAR = 60

/** Draws fans below the bars of a series, and a line where they begin. */
export class FanPrimitive implements ISeriesPrimitive {
  #attached: SeriesAttachedParameter | null = null
  #fan: DrawnFan | null = null
  #theme: Theme

  /** A primitive without a fan. */
  constructor(theme: Theme) {
    this.#theme = theme
  }

  /** Shows a fan, or none. */
  set(fan: DrawnFan | null, theme: Theme): void {
    this.#fan = fan
    this.#theme = theme
    this.#attached?.requestUpdate()
  }

  /** Called by the chart. */
  attached(attached: SeriesAttachedParameter): void {
    this.#attached = attached
  }

  /** Called by the chart. */
  detached(): void {
    this.#attached = null
  }

  /** Called by the chart. */
  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views
  }

  /** Called by the chart: the fan is in view. */
  autoscaleInfo(): AutoscaleInfo | null {
    if (this.#fan === null) return null
    const prices = this.#fan.bands.flatMap(({ beyond, back }) => [...beyond, ...back].map((one) => this.#price(one)))
    if (prices.length === 0) return null
    return { priceRange: { minValue: Math.min(...prices), maxValue: Math.max(...prices) } }
  }

  readonly #views: readonly IPrimitivePaneView[] = [
    {
      zOrder: () => 'bottom',
      renderer: () => ({
        draw: (target) =>
          target.useMediaCoordinateSpace(({ context, mediaSize }) => this.#draw(context, mediaSize.height)),
      }),
    },
  ]

  #price({ displacement }: FanPoint): number {
    const { level, sign } = this.#fan ?? { level: 0, sign: 1 }
    return level + sign * displacement
  }

  #draw(context: CanvasRenderingContext2D, height: number): void {
    if (this.#fan === null || this.#attached === null) return
    const { bands, startBar } = this.#fan
    const scale = this.#attached.chart.timeScale()
    const xOf = (seconds: number): number | null =>
      barCoordinate(startBar + seconds / SECONDS_PER_BAR, (bar) => scale.logicalToCoordinate(bar as Logical))
    for (const [i, band] of bands.entries()) {
      const strength = STRENGTHS[i] ?? 0.5
      this.#area(context, band.beyond, xOf, faded(this.#theme.break, strength))
      this.#area(context, band.back, xOf, faded(this.#theme.bounce, strength))
    }
    const now = xOf(0)
    if (now === null) return
    context.strokeStyle = this.#theme.quiet
    context.setLineDash([3, 3])
    context.beginPath()
    context.moveTo(now, 0)
    context.lineTo(now, height)
    context.stroke()
    context.setLineDash([])
  }

  /** Fills between the price at the start and a band. */
  #area(
    context: CanvasRenderingContext2D,
    points: readonly FanPoint[],
    xOf: (s: number) => number | null,
    fill: string,
  ) {
    const series = this.#attached?.series
    const corners = points.flatMap((point) => {
      const [x, y] = [xOf(point.seconds), series?.priceToCoordinate(this.#price(point)) ?? null]
      return x === null || y === null ? [] : [{ x, y }]
    })
    const [first, last] = [corners[0], corners.at(-1)]
    if (first === undefined || last === undefined || corners.length < 2) return
    context.fillStyle = fill
    context.beginPath()
    context.moveTo(first.x, first.y)
    for (const { x, y } of corners) context.lineTo(x, y)
    context.lineTo(last.x, first.y)
    context.closePath()
    context.fill()
  }
}

/** The coordinate of a place between two bars. */
function barCoordinate(bar: number, at: (bar: number) => number | null): number | null {
  const whole = Math.floor(bar)
  const [left, right] = [at(whole), at(whole + 1)]
  return left === null || right === null ? null : left + (right - left) * (bar - whole)
}
