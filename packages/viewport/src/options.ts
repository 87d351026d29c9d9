import {
  ANCHOR_SECONDS,
  ANCHORS,
  DEFAULT_HORIZONS,
  DEFAULT_THRESHOLDS,
  PRIMARY_ANCHOR,
  SINGLE_KINDS,
} from '@breakwater/features/vocabulary'
import { mixBreak } from './ensemble.ts'
import { feasibilityGate, type GateInputs } from './feasibility.ts'
import { MIX_KINDS } from './mix-terms.ts'
import { relevanceSettings, type RelevanceSettings } from './relevance.ts'
import type { PassSettings } from './score-pass.ts'
import { stateSettings, type StateSettings } from './state.ts'
import type { ViewportOptions } from './surface.ts'
import { MS_NS, SECOND_NS } from './time.ts'
import { rankTargets, utilitySettings, type UtilitySettings } from './utility.ts'

/** Options of a viewport with every default filled in. */
export interface ViewportSettings {
  /** Nanoseconds; null sets no limit. */
  readonly latestNs: () => bigint | null
  readonly mostTargets: number
  readonly mostPinned: number
  readonly staleAfterNs: bigint
  readonly forgetAfterNs: bigint
  readonly maxLevels: number
  readonly singleKinds: readonly string[]
  readonly state: StateSettings
  readonly relevance: RelevanceSettings
  readonly pass: PassSettings
  readonly utility: UtilitySettings
  /** How long the outcome of a touch is open after its confirmation. */
  readonly windowNs: bigint
  readonly rank: ReturnType<typeof rankTargets>
  readonly onConfirmed: NonNullable<ViewportOptions['onConfirmed']>
}

/** Length of the label windows of signals by default. */
const DEFAULT_WINDOW_S = 480

const NO_BOOK: GateInputs = {
  barrierState: null,
  fuelEffect: null,
  tapeImbalance: null,
  directionSign: 1,
  gammaExposure: null,
}

/** The settings that `options` asks for. Throws RangeError naming the option that breaks its rule. */
export function viewportSettings({
  clock,
  maxAheadMs = 2000,
  timeframe = PRIMARY_ANCHOR,
  horizons = DEFAULT_HORIZONS,
  thresholds = DEFAULT_THRESHOLDS,
  mostTargets = 8,
  mostPinned = 16,
  staleAfterNs = 300n * SECOND_NS,
  forgetAfterNs = 1800n * SECOND_NS,
  maxLevels = 5000,
  singleKinds = SINGLE_KINDS,
  state,
  relevance,
  ensemble = {},
  gate = {},
  mix,
  utility,
  source = 'law',
  windowSeconds = DEFAULT_WINDOW_S,
  onConfirmed = () => undefined,
}: ViewportOptions): ViewportSettings {
  if (!ANCHORS.includes(timeframe)) {
    throw refused('timeframe', JSON.stringify(timeframe), `must be one of ${ANCHORS.join(', ')}`)
  }
  const horizon = horizons.find((seconds) => !(Number.isSafeInteger(seconds) && seconds > 0))
  if (horizon !== undefined) throw refused('horizons', horizon, 'must be whole seconds above 0')
  const [first, second] = thresholds
  if (!(first > 0 && second > first && second < Infinity)) {
    throw refused('thresholds', thresholds, 'must be two amounts of dollars above 0, the second greater')
  }
  for (const [name, count] of Object.entries({ mostTargets, mostPinned, maxLevels })) {
    if (!(Number.isSafeInteger(count) && count >= 0)) throw refused(name, count, 'must be a whole number of at least 0')
  }
  for (const [name, ns] of Object.entries({ staleAfterNs, forgetAfterNs })) {
    if (typeof ns !== 'bigint' || ns < 0n) throw refused(name, ns, 'must be a bigint of nanoseconds of at least 0')
  }
  if (mix !== undefined && !MIX_KINDS.includes(mix)) throw refused('mix', mix, `must be one of ${MIX_KINDS.join(', ')}`)
  if (!(windowSeconds > 0)) throw refused('windowSeconds', windowSeconds, 'must be seconds above 0')
  if (!(maxAheadMs >= 0)) throw refused('maxAheadMs', maxAheadMs, 'must be milliseconds of at least 0')
  // Their own checks, at the door instead of at the first target.
  mixBreak(0.5, { missing: 'none' }, ensemble)
  feasibilityGate(NO_BOOK, gate)
  const worth = utilitySettings(utility)
  const confirmNs = BigInt(ANCHOR_SECONDS[timeframe]) * SECOND_NS
  const isBound = clock !== undefined && maxAheadMs < Infinity
  return {
    latestNs: () => (isBound ? BigInt(Math.floor(clock() + maxAheadMs)) * MS_NS : null),
    mostTargets,
    mostPinned,
    staleAfterNs,
    forgetAfterNs,
    maxLevels,
    singleKinds,
    state: stateSettings({ confirmNs, ...state }),
    relevance: relevanceSettings(relevance),
    pass: {
      timeframe,
      horizons,
      thresholds,
      mostRows: mostTargets + mostPinned,
      ensemble,
      gate,
      mix: mix ?? null,
      source,
      windowSeconds,
      cost: worth.cost,
    },
    utility: worth,
    windowNs: BigInt(Math.round(windowSeconds)) * SECOND_NS,
    rank: rankTargets(worth.order),
    onConfirmed,
  }
}

function refused(name: string, value: unknown, rule: string): RangeError {
  return new RangeError(`viewport: options.${name}=${String(value)}: ${rule}. See ViewportOptions.`)
}
