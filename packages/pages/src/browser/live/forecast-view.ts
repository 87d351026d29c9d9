import { msOf, type PublishedTarget } from '../../session/payload.ts'
import { element, headings } from '../dom.ts'
import { between, dollars, percent, reachNames, signed, timeOfDay } from '../format.ts'
import type { FanInput } from '../charts/fan.ts'
import { reachHead, signOf, type Thresholds } from '@breakwater/features/vocabulary'

type Surface = PublishedTarget['time_to_threshold']

/** A figure with its name, and its interval or a remark below it. */
type NamedFigure = readonly [name: string, value: string, remark: string]

/** The figures of a published target, as the children of a definition list. */
export function figuresOf(target: PublishedTarget, [, far]: Thresholds): HTMLElement[] {
  const { intervals } = target
  const figures: readonly NamedFigure[] = [
    ...touchFigures(target),
    [`Tradeable ($${far})`, percent(target.p_tradeable_2), ends(intervals?.p_tradeable_2)],
    ['Break', percent(target.p_break), ends(intervals?.p_break ?? target.p_break_interval) || 'no interval'],
    ['Bounce', percent(target.p_bounce), ends(intervals?.p_bounce ?? target.p_bounce_interval) || 'no interval'],
    ['Break if tradeable', percent(target.p_break_given_tradeable), ends(intervals?.p_break_given_tradeable)],
    ['Strength, $', signed(target.strength_signed), between(target.strength_signed_interval, signed)],
    ...moveFigures(target),
    ['Utility, $', dollars(target.utility_score), ''],
    ['Distance, $', signed(target.distance_signed), ''],
    ['Touched', timeOfDay(msOf(target.touch_ts_ns)), ''],
    ['Confirmed', timeOfDay(msOf(target.confirm_ts_ns)), ''],
  ]
  return figures.map(([name, value, remark]) =>
    element('div', {
      children: [
        element('dt', { text: name }),
        element('dd', {
          text: value,
          children: remark === '' ? [] : [element('br'), element('small', { text: remark })],
        }),
      ],
    }),
  )
}

const ends = (interval: readonly [number, number] | null | undefined): string => between(interval, percent)

/** How likely a touch is, by the longest horizon; nothing after one, nor in version 1. */
function touchFigures({ p_touch: touch, intervals }: PublishedTarget): NamedFigure[] {
  const last = Object.entries(touch ?? {}).at(-1)
  if (last === undefined) return []
  const [seconds, p] = last
  return [[`Touch within ${seconds} s`, percent(p), between(intervals?.p_touch?.[seconds], percent)]]
}

/** What version 2 says about the move from here, where it does. */
function moveFigures({ strength_ahead: ahead, expected_move: move, utility_net: net }: PublishedTarget): NamedFigure[] {
  const figures: readonly (readonly [number | null | undefined, NamedFigure])[] = [
    [ahead, ['Strength ahead, $', signed(ahead), 'from the price now']],
    [move, ['Expected move, $', dollars(move), 'the larger way']],
    [net, ['Less costs, $', signed(net), '']],
  ]
  return figures.flatMap(([value, figure]) => (typeof value === 'number' ? [figure] : []))
}

/** The reach surface as the rows of a table, each cell shaded by its probability. */
export function reachRows(
  { time_to_threshold: surface, settled, intervals }: PublishedTarget,
  thresholds: Thresholds,
): HTMLElement[] {
  const horizons = Object.keys(surface.t1)
  return [
    headings(['within', ...horizons.map((seconds) => `${seconds} s`)]),
    ...reachNames(thresholds).map(([key, name]) => {
      const cells = horizons.map((seconds) => {
        const share = surface[key][seconds]
        const why = settled?.[reachHead(key, seconds)]
        const interval = between(intervals?.time_to_threshold[key][seconds], percent)
        const cell = element('td', { text: percent(share), attributes: interval === '' ? {} : { title: interval } })
        if (why !== undefined) cell.append(element('small', { text: ` ${why}` }))
        // Half strength at most, so that the number stays readable.
        cell.style.setProperty('--share', String((share ?? 0) / 2))
        return cell
      })
      return element('tr', { children: [element('th', { text: name, attributes: { scope: 'row' } }), ...cells] })
    }),
  ]
}

/** What the fan of a target needs; null where the side that price comes from is unknown. */
export function fanInputOf(target: PublishedTarget, thresholds: Thresholds): (FanInput & { sign: 1 | -1 }) | null {
  const sign = signOf(target.direction)
  if (sign !== 1 && sign !== -1) return null
  const surface = target.time_to_threshold
  const keys = Object.keys(surface.t1)
  const along = (key: keyof Surface): (number | null)[] => keys.map((seconds) => surface[key][seconds] ?? null)
  return {
    sign,
    displacement: -sign * target.distance_signed,
    thresholds,
    horizons: keys.map(Number),
    beyond: [along('t1_break'), along('t2_break')],
    back: [along('t1_bounce'), along('t2_bounce')],
  }
}
