import type { Objective } from '../../model/model.ts'
import type { DocumentValue } from './document.ts'

/** Objectives of XGBoost whose prediction is one of ours: all others are refused. */
const OBJECTIVES: ReadonlyMap<string, Objective> = new Map<string, Objective>([
  ['binary:logistic', 'logistic'],
  ['binary:logitraw', 'logistic'],
  ['reg:logistic', 'logistic'],
  ['reg:squarederror', 'squared'],
  ['reg:linear', 'squared'],
  ['reg:absoluteerror', 'absolute'],
  ['reg:pseudohubererror', 'huber'],
  ['reg:quantileerror', 'quantile'],
  ['count:poisson', 'poisson'],
])

/** Our objective for XGBoost's, or undefined; and all that are known. */
export function objectiveFrom(name: string): Objective | undefined {
  return OBJECTIVES.get(name)
}

/** Names of XGBoost's objectives that {@link objectiveFrom} knows. */
export const KNOWN_OBJECTIVES: readonly string[] = [...OBJECTIVES.keys()]

/** What XGBoost needs to know of a loss beside its name; only going on with training there reads it. */
export interface LossParameters {
  /** Level of a quantile model, in (0, 1). Required for one. */
  readonly quantile?: number
  /** Where the Huber loss turns from squared to absolute. Default 1. */
  readonly huberSlope?: number
}

const REG_LOSS = { reg_loss_param: { scale_pos_weight: '1' } }

/** The `objective` of XGBoost's file for ours. A custom loss is written as squared error, as XGBoost itself does. */
export function objectiveTo(
  objective: Objective,
  { quantile, huberSlope = 1 }: LossParameters,
): { readonly name: string; readonly [key: string]: DocumentValue } {
  const written: Readonly<Record<Objective, () => ReturnType<typeof objectiveTo>>> = {
    logistic: () => ({ name: 'binary:logistic', ...REG_LOSS }),
    squared: () => ({ name: 'reg:squarederror', ...REG_LOSS }),
    custom: () => ({ name: 'reg:squarederror', ...REG_LOSS }),
    absolute: () => ({ name: 'reg:absoluteerror' }),
    huber: () => ({ name: 'reg:pseudohubererror', pseudo_huber_param: { huber_slope: String(huberSlope) } }),
    quantile: () => ({ name: 'reg:quantileerror', quantile_loss_param: { quantile_alpha: `[${level(quantile)}]` } }),
    poisson: () => ({ name: 'count:poisson', poisson_regression_param: { max_delta_step: '0.7' } }),
  }
  return written[objective]()
}

function level(quantile: number | undefined): number {
  if (quantile !== undefined && quantile > 0 && quantile < 1) return quantile
  throw new RangeError(
    `trees: options.quantile=${quantile}: must be in (0, 1) for a quantile model. Pass the level it was trained for.`,
  )
}

/**
 * The raw score that XGBoost starts from, computed in 32 bits as it does: base_score is a probability for
 * binary:logistic and reg:logistic, a mean for Poisson, and the score itself otherwise. Outside the loss's range the result is not finite.
 */
export function marginOf(objective: string, baseScore: number): number {
  const f = Math.fround
  if (objective.endsWith('logistic')) return f(-Math.log(f(f(1 / f(baseScore)) - 1)))
  return objective === 'count:poisson' ? f(Math.log(f(baseScore))) : f(baseScore)
}

/** The base_score whose {@link marginOf} comes nearest to a raw score. */
export function baseScoreOf(objective: string, margin: number): number {
  if (objective === 'binary:logistic') return Math.fround(1 / (1 + Math.exp(-margin)))
  return Math.fround(objective === 'count:poisson' ? Math.exp(margin) : margin)
}
