import type { Column, HeadTarget, Table } from '@breakwater/features'
import type { LabelledTouch } from './naive-heads.ts'
import { numbers, words } from './tables.ts'

const never = {
  t1: Number.NaN,
  t2: Number.NaN,
  t1_break: Number.NaN,
  t1_bounce: Number.NaN,
  t2_break: Number.NaN,
  t2_bounce: Number.NaN,
}

/** A touch from below at $100 with a whole window in which nothing was reached. */
export const quiet: LabelledTouch = {
  up: true,
  level: 100,
  spot: 100,
  outcome: 'CHOP',
  tradeable2: 0,
  strength: 0.5,
  window: 480,
  times: never,
}

/** The quiet touch with some values changed. */
export const touchWith = (change: Partial<LabelledTouch>): LabelledTouch => ({ ...quiet, ...change })
/** The change that sets some times of reaching. */
export const hitAt = (times: Partial<typeof never>): Partial<LabelledTouch> => ({ times: { ...never, ...times } })

/** The signals table of the touches; label columns carry `suffix`. */
export const tableOf = (touches: readonly LabelledTouch[], suffix = '', windows = true): Table => {
  const label = (name: string, pick: (touch: LabelledTouch) => number): [string, Column] => [
    `${name}${suffix}`,
    numbers(touches.map(pick)),
  ]
  const time = (name: string, key: string) => label(name, (touch) => touch.times[key] ?? Number.NaN)
  return {
    rows: touches.length,
    columns: {
      level_price: numbers(touches.map((touch) => touch.level)),
      direction: words(touches.map((touch) => (touch.up ? 'UP' : 'DOWN'))),
      [`outcome${suffix}`]: words(touches.map((touch) => touch.outcome)),
      ...Object.fromEntries([
        label('anchor_spot', (touch) => touch.spot),
        label('tradeable_2', (touch) => touch.tradeable2),
        label('strength_signed', (touch) => touch.strength),
        time('time_to_threshold_1', 't1'),
        time('time_to_threshold_2', 't2'),
        time('time_to_break_1', 't1_break'),
        time('time_to_bounce_1', 't1_bounce'),
        time('time_to_break_2', 't2_break'),
        time('time_to_bounce_2', 't2_bounce'),
        ...(windows ? [label('window_s', (touch) => touch.window)] : []),
      ]),
    },
  }
}

/** The head of that name; throws where there is none. */
export const headIn = (heads: readonly HeadTarget[], name: string): HeadTarget => {
  const head = heads.find((one) => one.name === name)
  if (head === undefined) throw new Error(`no head ${name} among ${heads.map((one) => one.name).join(', ')}`)
  return head
}
