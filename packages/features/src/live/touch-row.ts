import type { RowValues } from '../encode.ts'
import { confirmedNumbers } from '../moments/at-anchor.ts'
import { eventId } from '../signals/cells.ts'
import { MINUTE_NS } from '../signals/day.ts'
import { featureValues, physicsFamilies } from '../signals/features.ts'
import { levelCode } from '../signals/levels.ts'
import { anchorMinutes } from '../signals/outcomes.ts'
import type { SignalRow } from '../signals/stream.ts'
import { ANCHORS, PRIMARY_ANCHOR } from '../vocabulary/anchors.ts'
import { directionOf, isLevelKind } from '../vocabulary/words.ts'
import { learnPhysics, noPhysics } from './physics.ts'
import type { LivePhysics } from './physics.ts'

/** The features of one level at one touch, real or supposed, to which physics is added as it becomes known. */
export interface TouchRow {
  /** Start of the touch minute, t0. */
  readonly tsNs: bigint
  /** +1 when price comes from below (UP), -1 from above (DOWN). */
  readonly sign: 1 | -1
  /** Dollars a minute toward the level; NaN where there are too few bars. */
  readonly approachVelocity: number
  /** `confluence_pressure`, in [0, 1]; NaN without other key levels. */
  readonly confluence: number
  /** Grows whenever {@link values} has changed something. */
  readonly revision: number
  /**
   * Every column of the signals table that is not a label, with those of `physics` whose windows have ended `afterS` seconds
   * after t0; the others, and what is derived from them, are missing. Once all are known these are the bits of the row that
   * `buildSignals` makes of the same bars and physics. The object is the row's own: the next call writes it again. Throws
   * TypeError on physics of the wrong type. Allocates only where the physics has changed.
   *
   * `spot`, the price at the confirmation, gives `moved` and `moved_atr`, which stay as they are from then on; missing before.
   */
  values(physics: LivePhysics | undefined, afterS: number, spot?: number): RowValues
}

/** The live row of `row`, which has no physics. `kind` is the level's name, also where the signals do not know it. */
export function touchRow(row: SignalRow, kind: string, symbol: string): TouchRow {
  const { touch, features } = row
  const known = noPhysics()
  const values = valuesOf(row, kind, symbol)
  let revision = 0
  return {
    tsNs: BigInt(touch.minute) * MINUTE_NS,
    sign: touch.sign,
    approachVelocity: features.approach.approach_velocity,
    confluence: features.confluence.confluence_pressure,
    get revision() {
      return revision
    },
    values(physics, afterS, spot) {
      if (spot !== undefined) {
        Object.assign(values, confirmedNumbers(touch.sign * (spot - touch.level.price), features.context.atr))
        revision += 1
      }
      if (!learnPhysics(known, physics, afterS)) return values
      const families = physicsFamilies(touch.sign, known.numbers, features)
      Object.assign(values, families.physics, families.pressures, families.sparse, known.words)
      revision += 1
      return values
    },
  }
}

function valuesOf(row: SignalRow, kind: string, symbol: string): Record<string, RowValues[string]> {
  const { touch, features, words, date } = row
  const at = (minutes: number): bigint => BigInt(touch.minute + minutes) * MINUTE_NS
  return {
    ...featureValues(features),
    ...words,
    event_id: eventId({ row, symbol }),
    ts_ns: at(0),
    confirm_ts_ns: at(anchorMinutes(PRIMARY_ANCHOR)),
    ...Object.fromEntries(ANCHORS.map((anchor) => [`confirm_ts_ns_${anchor}`, at(anchorMinutes(anchor))])),
    date,
    symbol,
    level_kind: isLevelKind(kind) ? levelCode(kind) : Number.NaN,
    level_kind_name: kind,
    direction: directionOf(touch.sign),
    ...confirmedNumbers(Number.NaN, Number.NaN),
  }
}
