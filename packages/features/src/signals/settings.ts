import { DEFAULT_THRESHOLDS, type Thresholds } from '../vocabulary/heads.ts'

/** The constants of the signals table, as settings. Minutes and bars are whole numbers, bands and spacings dollars. */
export interface SignalSettings {
  /** Ticker, written into the table and the event ids. */
  readonly symbol: string
  /** A bar touches a level when its range comes within this distance. TOUCH_BAND. */
  readonly touchBand: number
  /** ... and its close lies within this distance. MONITOR_BAND. */
  readonly monitorBand: number
  /** Key levels within this distance count as confluence. CONFLUENCE_BAND. */
  readonly confluenceBand: number
  /** Minutes over which the approach is measured. LOOKBACK. */
  readonly lookback: number
  /** Minutes of the label window that starts at an anchor. */
  readonly lookforward: number
  /** The two reach thresholds `_1` and `_2`, dollars from the level. */
  readonly thresholds: Thresholds
  /** One-minute bars of the average true range. */
  readonly atrBars: number
  /** Minutes of the SMA slope; even, since the SMA is made of two-minute bars. */
  readonly slopeMinutes: number
  /** Two-minute bars of the short SMA slope, and of the comparison that tells whether the spread widens. */
  readonly shortSlopeBars: number
  /** Minutes of the volatility by which a distance to the SMA is divided. */
  readonly volatilityMinutes: number
  /** Minutes of the reversion velocity; even. */
  readonly reversionMinutes: number
  /** Prior sessions whose two-minute closes warm the SMA up. */
  readonly warmupSessions: number
  /** Touches of one level belong to one cluster when they are at most this many minutes apart ... */
  readonly clusterMinutes: number
  /** ... and the level moved at most this far between them. */
  readonly clusterBand: number
  /** Distance between round levels, in whole cents. */
  readonly roundSpacing: number
  /** Minutes after the open that make the opening range. */
  readonly openingRangeMinutes: number
  /** A longer run of absent minutes than this makes a label window incomplete. */
  readonly maxGapMinutes: number
}

/** The documented constants. */
export const SIGNAL_DEFAULTS: SignalSettings = {
  symbol: 'SPY',
  touchBand: 0.1,
  monitorBand: 0.25,
  confluenceBand: 0.2,
  lookback: 10,
  lookforward: 8,
  thresholds: DEFAULT_THRESHOLDS,
  atrBars: 14,
  slopeMinutes: 20,
  shortSlopeBars: 5,
  volatilityMinutes: 20,
  reversionMinutes: 10,
  warmupSessions: 3,
  clusterMinutes: 15,
  clusterBand: 0.1,
  roundSpacing: 1,
  openingRangeMinutes: 15,
  maxGapMinutes: 5,
}

type Rule = { readonly text: string; readonly holds: (value: unknown) => boolean }

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value)

const positive: Rule = { text: 'must be a number above 0', holds: (value) => isNumber(value) && value > 0 }
const whole = (least: number, step = 1): Rule => ({
  text: `must be a whole number of at least ${least}${step === 1 ? '' : `, a multiple of ${step}`}`,
  holds: (value) => isWhole(value) && value >= least && value % step === 0,
})
const cents: Rule = {
  text: 'must be a positive number of whole cents',
  holds: (value) => isNumber(value) && value > 0 && Math.abs(value * 100 - Math.round(value * 100)) < 1e-6,
}
const thresholds: Rule = {
  text: 'must be two numbers above 0, the second greater',
  holds: (value) =>
    Array.isArray(value) && value.length === 2 && value.every(positive.holds) && Number(value[0]) < Number(value[1]),
}
const ticker: Rule = {
  text: 'must be a ticker of letters, digits, dots',
  holds: (value) => typeof value === 'string' && /^[A-Za-z0-9.]+$/.test(value),
}

const RULES: Readonly<Record<keyof SignalSettings, Rule>> = {
  symbol: ticker,
  touchBand: positive,
  monitorBand: positive,
  confluenceBand: positive,
  lookback: whole(1),
  lookforward: whole(1),
  thresholds,
  atrBars: whole(1),
  slopeMinutes: whole(2, 2),
  shortSlopeBars: whole(1),
  volatilityMinutes: whole(2),
  reversionMinutes: whole(2, 2),
  warmupSessions: whole(0),
  clusterMinutes: whole(1),
  clusterBand: positive,
  roundSpacing: cents,
  openingRangeMinutes: whole(1),
  maxGapMinutes: whole(0),
}

/**
 * The settings that `options` asks for, the defaults for the rest. Throws RangeError naming the option that breaks its
 * rule. Properties that are not settings are ignored, undefined ones take their default.
 */
export function resolveSettings(options: Partial<SignalSettings> = {}): SignalSettings {
  const given = Object.entries(options).filter(([name, value]) => Object.hasOwn(RULES, name) && value !== undefined)
  const settings: SignalSettings = { ...SIGNAL_DEFAULTS, ...Object.fromEntries(given) }
  for (const [name, rule] of Object.entries(RULES)) {
    const value: unknown = Reflect.get(settings, name)
    if (!rule.holds(value)) {
      const usual = JSON.stringify(Reflect.get(SIGNAL_DEFAULTS, name))
      throw new RangeError(`features: ${name}=${JSON.stringify(value)}: ${rule.text}. The default is ${usual}.`)
    }
  }
  return settings
}
