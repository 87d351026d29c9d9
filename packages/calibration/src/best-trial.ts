import { checkCount, type Values } from './check.ts'
import { compactSessions, resamples } from './resample.ts'
import type { DrawnScore, SessionScore } from './session-scores.ts'

/** How {@link chooseBest} compares. */
export interface ChooseBestOptions {
  /** Which way the scores are better. */
  readonly better: 'higher' | 'lower'
  /** Seed of the draws, a 32-bit integer. */
  readonly seed: number
  /** Number of resamples; default 1000. */
  readonly samples?: number
}

/** The best of several trials, and how much of its lead the choice alone explains. Figures are null where `reason` says why. */
export interface BestTrial {
  /** Place of the best score; the first of equal ones. */
  readonly best: number
  readonly value: number
  /** Scores that were compared. */
  readonly trials: number
  readonly sessions: number
  /** How much better the best is than the mean of all scores, at least 0. */
  readonly gain: number
  /** The gain that the best of as many equally good trials would show. */
  readonly gainByChance: number | null
  /** `value` made worse by what chance explains of its gain: at worst the mean of all scores. */
  readonly corrected: number | null
  /** Probability of a gain as large as this one if all trials were equally good. */
  readonly pValue: number | null
  readonly reason?: string
}

/**
 * The best of several scores of the same rows, corrected for having been chosen: the reality check of White (2000, "A reality
 * check for data snooping", Econometrica 68, section 2) with whole sessions as the blocks of its bootstrap and the mean of all
 * scores as its benchmark. In each resample every score's lead over the mean is taken less the lead on the rows as they are; the
 * greatest of these differences is a draw of the lead that the best of equally good trials has. `gainByChance` is their
 * mean, `pValue` the share of them that reach the lead seen (plus one in both numbers). It is exact where all trials are
 * equally good, and errs to the side of caution where some are clearly worse.
 *
 * Trials share a session's luck, so leads are paired: what makes a session hard for all cancels. Throws RangeError without scores, and where a
 * score does not exist on the rows. O(samples x scores x sessions), rows instead of sessions for AUC.
 */
export function chooseBest(
  sessions: Values,
  scores: readonly SessionScore[],
  { better, seed, samples = 1000 }: ChooseBestOptions,
): BestTrial {
  checkCount('scores.length', scores.length, 1)
  checkCount('samples', samples, 1)
  const blocks = compactSessions(sessions)
  const drawn = scores.map((score) => score(blocks))
  const whole = new Float64Array(blocks.sessions).fill(1)
  const all = leadsOf(drawn, whole, better)
  if (all === null) {
    throw new RangeError(
      'calibration: scores: one does not exist on these rows. Leave it out, or pass rows of both classes.',
    )
  }
  const best = all.leads.indexOf(Math.max(...all.leads))
  const gain = Math.max(0, all.leads[best] as number)
  const sign = better === 'higher' ? 1 : -1
  const value = drawn[best]?.(whole) ?? Number.NaN
  const found = { best, value, trials: scores.length, sessions: blocks.sessions, gain }
  const none = (reason: string): BestTrial => ({ ...found, gainByChance: null, corrected: null, pValue: null, reason })
  if (scores.length < 2) return none('one trial: nothing was chosen')
  if (blocks.sessions < 2) return none('fewer than two sessions: nothing to resample')
  const chance: number[] = []
  for (const draws of resamples(blocks.sessions, samples, seed)) {
    const resampled = leadsOf(drawn, draws, better)
    if (resampled !== null) {
      chance.push(Math.max(...resampled.leads.map((lead, trial) => lead - (all.leads[trial] as number))))
    }
  }
  if (chance.length * 2 <= samples) return none(`the scores exist in only ${chance.length} of ${samples} resamples`)
  const gainByChance = chance.reduce((sum, lead) => sum + lead, 0) / chance.length
  return {
    ...found,
    gainByChance,
    corrected: value - sign * Math.min(gain, gainByChance),
    pValue: (1 + chance.filter((lead) => lead >= gain).length) / (1 + chance.length),
  }
}

/** The scores less their mean, above 0 where better than it; null where one does not exist in the draw. */
function leadsOf(
  scores: readonly DrawnScore[],
  draws: Float64Array,
  better: ChooseBestOptions['better'],
): { readonly leads: readonly number[] } | null {
  const sign = better === 'higher' ? 1 : -1
  const values = scores.map((score) => score(draws)).filter((value) => value !== null)
  if (values.length < scores.length) return null
  const mean = values.reduce((sum, value) => sum + sign * value, 0) / values.length
  return { leads: values.map((value) => sign * value - mean) }
}
