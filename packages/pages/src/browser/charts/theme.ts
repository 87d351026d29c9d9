import { ColorType, type ChartOptions, CrosshairMode, type DeepPartial, type Time } from 'lightweight-charts'
import { dateText, minuteOfDay, timeOfDay } from '../format.ts'

/** Colours of the page's style sheet, for what is drawn on a canvas. */
export interface Theme {
  readonly paper: string
  readonly ink: string
  readonly quiet: string
  readonly line: string
  readonly break: string
  readonly bounce: string
  readonly neither: string
  readonly tradeable: string
  readonly chosen: string
}

/** Reads the colours that hold now. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    paper: colour('paper'),
    ink: colour('ink'),
    quiet: colour('quiet'),
    line: colour('line'),
    break: colour('break'),
    bounce: colour('bounce'),
    neither: colour('neither'),
    tradeable: colour('tradeable'),
    chosen: colour('chosen'),
  }
}

/** Calls `redraw` whenever light turns to dark or back. */
export function onThemeChange(redraw: (theme: Theme) => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => redraw(readTheme()))
}

/** A colour at a share of its strength. `colour` is #rrggbb. */
export function faded(colour: string, share: number): string {
  const part = (from: number): number => Number.parseInt(colour.slice(from, from + 2), 16)
  return `rgba(${part(1)}, ${part(3)}, ${part(5)}, ${share})`
}

const msOf = (time: Time): number => Number(time) * 1000

/** Options that all charts share: the page's colours and font, times in New York. Times of series are seconds since 1970. */
export function chartOptions(theme: Theme): DeepPartial<ChartOptions> {
  return {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: theme.paper },
      textColor: theme.quiet,
      fontFamily: getComputedStyle(document.body).fontFamily,
      fontSize: 11,
      // The library is named at the foot of the page: its own mark would need a style element, which the page forbids.
      attributionLogo: false,
    },
    grid: { vertLines: { visible: false }, horzLines: { color: faded(theme.line, 0.6) } },
    crosshair: { mode: CrosshairMode.Normal },
    rightPriceScale: { borderColor: theme.line },
    timeScale: {
      borderColor: theme.line,
      timeVisible: true,
      secondsVisible: false,
      tickMarkFormatter: (time: Time) => minuteOfDay(msOf(time)),
    },
    localization: { timeFormatter: (time: Time) => `${dateText(msOf(time))} ${timeOfDay(msOf(time))}` },
    handleScroll: { vertTouchDrag: false },
  }
}
