import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  LineStyle,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts'
import { dollars } from '../format.ts'
import { type DrawnFan, FanPrimitive } from './fan-primitive.ts'
import { chartOptions, faded, onThemeChange, readTheme, type Theme } from './theme.ts'

/** A one-minute bar; `minute` is its start in whole minutes since 1970 UTC. */
export interface ChartBar {
  readonly minute: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

/** A level line. */
export interface ChartLevel {
  readonly price: number
  readonly title: string
  /** The level that the page is about; `faint` are the thresholds around it. */
  readonly style: 'plain' | 'chosen' | 'faint'
}

/** A touch on the chart. */
export interface ChartTouch {
  readonly id: string
  readonly minute: number
  readonly price: number
  /** How its mark is coloured: what became of it, or what is forecast; `open` is neither. */
  readonly tone: 'break' | 'bounce' | 'neither' | 'open' | 'tradeable'
  /** How strongly it is coloured, in [0, 1]; default 1. */
  readonly strength?: number
  readonly chosen: boolean
}

/** A chart of one-minute bars with levels, touches and a fan. */
export interface PriceChart {
  /** Shows other bars. `endMinute` leaves room up to it; minutes without a bar are left empty. */
  readonly setBars: (bars: readonly ChartBar[], endMinute?: number) => void
  /** Adds a bar, or replaces the last one of the same minute. */
  readonly updateBar: (bar: ChartBar) => void
  readonly setLevels: (levels: readonly ChartLevel[]) => void
  readonly setTouches: (touches: readonly ChartTouch[]) => void
  /** A fan that begins at a time, milliseconds since 1970. */
  readonly setFan: (fan: (Omit<DrawnFan, 'startBar'> & { readonly startMs: number }) | null) => void
  /** Shows these minutes; without arguments, all. */
  readonly view: (fromMinute?: number, toMinute?: number) => void
  readonly remove: () => void
}

/** What a price chart is made with. */
export interface PriceChartOptions {
  /** Called with the touch that was clicked, or with null where none is near. */
  readonly onTouch?: (id: string | null) => void
}

const SECONDS = 60
const MS = 60_000
/** A click this near to a touch means it, pixels. */
const NEAR_PX = 28
const timeOf = (minute: number): UTCTimestamp => (minute * SECONDS) as UTCTimestamp

/** Draws a price chart into an element, which gives it its size. */
export function priceChart(host: HTMLElement, { onTouch }: PriceChartOptions = {}): PriceChart {
  let theme = readTheme()
  const chart = createChart(host, chartOptions(theme))
  const series = chart.addSeries(CandlestickSeries, { ...barColours(theme), priceLineVisible: false })
  const markers = createSeriesMarkers(series, [])
  const fans = new FanPrimitive(theme)
  series.attachPrimitive(fans)
  const state = new ChartState()
  const lines = levelLines(series)
  const drawTouches = (): void => markers.setMarkers(state.touches.map((touch) => markerOf(touch, theme)))
  const drawFan = (): void => {
    const { fan, firstMinute } = state
    if (fan === null || firstMinute === null) return fans.set(null, theme)
    // A bar covers a minute and stands at its middle.
    fans.set({ ...fan, startBar: fan.startMs / MS - firstMinute - 0.5 }, theme)
  }
  onThemeChange((next) => {
    theme = next
    chart.applyOptions(chartOptions(theme))
    series.applyOptions(barColours(theme))
    lines.set(state.levels, theme)
    drawTouches()
    drawFan()
  })
  if (onTouch !== undefined) {
    chart.subscribeClick(({ point }) => {
      if (point !== undefined) onTouch(nearestTouch(chart, series, state.touches, point))
    })
  }
  const look = (): void => {
    if (state.view === null) return chart.timeScale().fitContent()
    const first = state.firstMinute ?? state.view.from
    chart.timeScale().setVisibleLogicalRange({ from: state.view.from - first - 0.5, to: state.view.to - first + 0.5 })
  }
  // A chart in a hidden part of a page has no width: what it is to show holds once it has one.
  let width = 0
  chart.timeScale().subscribeSizeChange((next) => {
    if (width === 0 && next > 0) look()
    width = next
  })
  return {
    setBars(bars, endMinute) {
      state.firstMinute = bars[0]?.minute ?? null
      state.lastMinute = Math.max(endMinute ?? -Infinity, bars.at(-1)?.minute ?? -Infinity)
      series.setData(withoutGaps(bars, endMinute))
      drawTouches()
      drawFan()
    },
    updateBar(bar) {
      state.firstMinute ??= bar.minute
      // Room for minutes to come lies behind it.
      series.update(candleOf(bar), bar.minute < state.lastMinute)
      state.lastMinute = Math.max(state.lastMinute, bar.minute)
    },
    setLevels(levels) {
      state.levels = levels
      lines.set(levels, theme)
    },
    setTouches(touches) {
      state.touches = touches
      drawTouches()
    },
    setFan(fan) {
      state.fan = fan
      drawFan()
    },
    view(fromMinute, toMinute) {
      state.view = fromMinute === undefined || toMinute === undefined ? null : { from: fromMinute, to: toMinute }
      look()
    },
    remove: () => chart.remove(),
  }
}

class ChartState {
  firstMinute: number | null = null
  /** The last one with a place, with or without a bar. */
  lastMinute = -Infinity
  /** Minutes that are to be in view; null is all. */
  view: { readonly from: number; readonly to: number } | null = null
  levels: readonly ChartLevel[] = []
  touches: readonly ChartTouch[] = []
  fan: (Omit<DrawnFan, 'startBar'> & { readonly startMs: number }) | null = null
}

const candleOf = ({ minute, open, high, low, close }: ChartBar): CandleData => ({
  time: timeOf(minute),
  open,
  high,
  low,
  close,
})
type CandleData = { time: UTCTimestamp; open: number; high: number; low: number; close: number }

/** Bars with an empty place for each minute that has none, so that time is a straight line. */
function withoutGaps(bars: readonly ChartBar[], endMinute?: number): (CandleData | { time: UTCTimestamp })[] {
  const byMinute = new Map(bars.map((bar) => [bar.minute, bar]))
  const [first, last] = [bars[0]?.minute ?? 0, Math.max(endMinute ?? 0, bars.at(-1)?.minute ?? -1)]
  return Array.from({ length: bars.length === 0 ? 0 : last - first + 1 }, (_, i) => {
    const bar = byMinute.get(first + i)
    return bar === undefined ? { time: timeOf(first + i) } : candleOf(bar)
  })
}

const barColours = ({ paper, quiet }: Theme) => ({
  upColor: paper,
  downColor: quiet,
  borderUpColor: quiet,
  borderDownColor: quiet,
  wickUpColor: quiet,
  wickDownColor: quiet,
})

function levelLines(series: ISeriesApi<'Candlestick'>): {
  readonly set: (levels: readonly ChartLevel[], theme: Theme) => void
} {
  const lines: IPriceLine[] = []
  let shown = ''
  return {
    set(levels, theme) {
      const key = JSON.stringify([levels, theme])
      if (key === shown) return
      shown = key
      for (const [i, { price, title, style }] of levels.entries()) {
        const options = {
          price,
          title,
          color: style === 'chosen' ? theme.ink : style === 'faint' ? theme.line : theme.quiet,
          lineWidth: style === 'chosen' ? (2 as const) : (1 as const),
          lineStyle: style === 'chosen' ? LineStyle.Solid : LineStyle.Dotted,
          axisLabelVisible: style !== 'faint',
        }
        const line = lines[i]
        if (line === undefined) lines.push(series.createPriceLine(options))
        else line.applyOptions(options)
      }
      for (const line of lines.splice(levels.length)) series.removePriceLine(line)
    },
  }
}

function markerOf({ id, minute, price, tone, strength = 1, chosen }: ChartTouch, theme: Theme): SeriesMarker<Time> {
  const full = tone === 'open' ? theme.ink : tone === 'neither' ? theme.quiet : theme[tone]
  const color = strength === 1 ? full : faded(full, strength)
  return {
    id,
    time: timeOf(minute),
    position: 'atPriceMiddle',
    price,
    shape: chosen ? 'square' : 'circle',
    color,
    size: chosen ? 1.6 : 0.9,
    text: chosen ? dollars(price) : '',
  }
}

function nearestTouch(
  chart: IChartApi,
  series: ISeriesApi<'Candlestick'>,
  touches: readonly ChartTouch[],
  point: { readonly x: number; readonly y: number },
): string | null {
  let [best, id] = [NEAR_PX, null as string | null]
  for (const touch of touches) {
    const x = chart.timeScale().timeToCoordinate(timeOf(touch.minute))
    const y = series.priceToCoordinate(touch.price)
    const distance = x === null || y === null ? Infinity : Math.hypot(x - point.x, y - point.y)
    if (distance < best) [best, id] = [distance, touch.id]
  }
  return id
}
