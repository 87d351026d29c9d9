import type { ColumnSpec } from '../schema/schema.ts'
import { CHANGE_SPANS, RANGE_SPANS } from './ranges.ts'

const GROUP = 'moment'

function feature(name: string, unit: string, description: string, family: 'context' | 'ta' = 'context'): ColumnSpec {
  const stage = family === 'context' ? 'a' : 'b'
  return { name, type: 'float64', group: GROUP, role: 'feature', family, stage, unit, description }
}

const SIGMA = '$/min^0.5'

/** Numbers of a moment, in the order in which they are written; each is known at the moment. */
const FEATURES: readonly ColumnSpec[] = [
  feature('elapsed_s', 's', 'Seconds since the touch minute began; missing before a touch.'),
  feature(
    'moved',
    '$',
    'Price beyond the level in the direction of approach, negative before it: the last close, or spot.',
  ),
  feature('moved_atr', '1', 'moved by the ATR of the touch; before a touch by the ATR up to the last bar.'),
  feature('furthest_beyond', '$', 'Furthest that price was beyond the level since the touch minute began.'),
  feature('furthest_back', '$', 'Furthest that price was before the level since the touch minute began.'),
  feature(
    'sigma_1m',
    SIGMA,
    'Volatility of one minute: the ATR up to the last bar by the mean range of a Brownian path.',
  ),
  feature('since_open_s', 's', 'Seconds since the session opened.'),
  feature('left_s', 's', 'Seconds until the session closes, at 13:00 on half days.'),
  feature('change_1m', '$', 'Change of price in the last minute, in the direction of approach.', 'ta'),
  feature('change_5m', '$', 'Change of price in the last five minutes, in the direction of approach.', 'ta'),
  feature('change_open', '$', 'Change of price since the open, in the direction of approach.', 'ta'),
  ...RANGE_SPANS.map((span) =>
    feature(`range_sigma_${span}`, SIGMA, `Volatility by the ranges of bars, averaged with a span of ${span} bars.`),
  ),
  ...CHANGE_SPANS.map((span) =>
    feature(`change_sigma_${span}`, SIGMA, `Volatility by changes of the close, averaged with a span of ${span} bars.`),
  ),
]

/** Names of the numbers of a moment, in order. */
export const MOMENT_NUMBERS: readonly string[] = FEATURES.map(({ name }) => name)

const PLACES: ReadonlyMap<string, number> = new Map(MOMENT_NUMBERS.map((name, place) => [name, place]))

/** Place of a number of a moment among them. */
export function placeOf(name: string): number {
  const place = PLACES.get(name)
  if (place === undefined) throw new Error(`features: moments: ${name} is not a number of a moment. Report this.`)
  return place
}

/** The columns that only a table of moments has, as data/features.json describes them. */
export const momentColumns: readonly ColumnSpec[] = [
  {
    name: 'moment_ts_ns',
    type: 'time',
    group: GROUP,
    role: 'identity',
    unit: 'ns',
    description:
      'Time of the moment, in nanoseconds since 1970 UTC. Whatever the row has is known by then, labels aside.',
  },
  ...FEATURES,
  {
    name: 'time_to_touch',
    type: 'float64',
    group: GROUP,
    role: 'label',
    unit: 's',
    description:
      'Start of the first bar whose range comes within the touch band, from the moment; before a touch only.',
  },
]
