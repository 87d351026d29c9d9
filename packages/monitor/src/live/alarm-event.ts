import type { CalibrationAlarm } from '../alarms/watch.ts'
import type { FeatureDrift } from '../drift/drift.ts'
import type { SkewedFeature } from '../skew/skew.ts'

/** What every alarm says as it is sent, logged and shown: plain JSON. */
interface Alarm {
  /** When what raised it became known, milliseconds since 1970. */
  readonly ts: number
  readonly message: string
  /** What to do. */
  readonly action: string
}

/** The probabilities of a head are not true. */
export interface CalibrationEvent extends Alarm {
  readonly kind: 'calibration'
  readonly head: string
  readonly evidence: number
  readonly level: number
  readonly votes: number
  /** When it seems to have begun, milliseconds since 1970; null where it was there from the first vote on. */
  readonly since: number | null
  readonly meanForecast: number | null
  readonly meanOutcome: number | null
}

/** A feature is not distributed as it was in training. */
export interface DriftEvent extends Alarm {
  readonly kind: 'drift'
  readonly feature: string
  readonly evidence: number
  readonly level: number
  /** Of the session that raised it: population stability, shares of missing values and unseen words. */
  readonly stability: number | null
  readonly missing: number
  readonly unseen: number
}

/** Live rows differ from those that batch builds of the same bars. */
export interface SkewEvent extends Alarm {
  readonly kind: 'skew'
  /** Features that differ and have not been told before. */
  readonly features: readonly string[]
  /** Of the first difference: its touch, milliseconds since 1970, and both values. */
  readonly touch: number
  readonly live: number | string | null
  readonly batch: number | string | null
}

/** An alarm of any kind. */
export type AlarmEvent = CalibrationEvent | DriftEvent | SkewEvent

const MS_NS = 1_000_000n
const percent = (value: number): string => `${(100 * value).toFixed(1)}%`

/** A calibration alarm in words. */
export function calibrationEvent({
  head,
  evidence,
  level,
  knownNs,
  change,
  votes,
}: CalibrationAlarm): CalibrationEvent {
  const since = change?.tsNs == null ? null : Number(BigInt(change.tsNs) / MS_NS)
  const seen =
    change === null
      ? ''
      : ` Since ${since === null ? 'the start' : new Date(since).toISOString()} ${change.forecasts} forecasts averaged ${percent(change.meanForecast)}, and ${percent(change.meanOutcome)} came true.`
  return {
    kind: 'calibration',
    ts: Number(knownNs / MS_NS),
    head,
    evidence,
    level,
    votes,
    since,
    meanForecast: change?.meanForecast ?? null,
    meanOutcome: change?.meanOutcome ?? null,
    message: `${head}: published probabilities are no longer calibrated: evidence ${evidence.toPrecision(3)} against ${(1 / level).toFixed(0)}.${seen}`,
    action:
      'Look at its curve on the live page; do not act on this head. Check the feed for missing or late bars and for drift; then roll back, or train on newer sessions.',
  }
}

/** A drifted feature in words, at the end of the session that raised it. */
export function driftEvent(
  { name, rows, evidence, stability, missing, unseen }: FeatureDrift,
  ts: number,
  level: number,
): DriftEvent {
  return {
    kind: 'drift',
    ts,
    feature: name,
    evidence,
    level,
    stability,
    missing,
    unseen,
    message:
      `${name}: is no longer distributed as in training: evidence ${evidence.toPrecision(3)} against ${(1 / level).toFixed(0)}. ` +
      `In the last session stability was ${stability === null ? 'unknown' : stability.toFixed(2)}, ${percent(missing)} of ${rows} rows had no value, ${percent(unseen)} a word that training had not.`,
    action:
      'Check the source of the feature. Where the market itself has changed, look whether heads stay calibrated, and train on newer sessions.',
  }
}

/** Skewed features in words; `told` are those of earlier alarms. null where nothing is new. */
export function skewEvent(skewed: readonly SkewedFeature[], ts: number, told: ReadonlySet<string>): SkewEvent | null {
  const fresh = skewed.filter(({ name }) => !told.has(name))
  const [first] = fresh
  if (first === undefined) return null
  const features = [...new Set(fresh.map(({ name }) => name))]
  const others = features.length === 1 ? '' : ` ${features.length - 1} other features differ too.`
  const [live, batch] = [plain(first.live), plain(first.batch)]
  return {
    kind: 'skew',
    ts,
    features,
    touch: Number(first.touchNs / MS_NS),
    live,
    batch,
    message: `${first.name}: is ${live} live and ${batch} in batch for the touch of ${first.kind} ${first.price} at ${new Date(Number(first.touchNs / MS_NS)).toISOString()}.${others}`,
    action:
      'Models are served rows that they were not trained on. Check that the bars which came are those that were stored; if so, report it with the audit log.',
  }
}

/** A value as JSON has it. */
function plain(value: unknown): number | string | null {
  if (typeof value === 'string') return value
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
