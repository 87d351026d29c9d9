import { type Anchor, encoderFromJson, type Matrix, parseHeadName, splitAnchor, type Table } from '@breakwater/features'
import { encodeAtAnchor, type LawSignals, tiltInputs } from '@breakwater/models'
import type { TrainedSet } from '@breakwater/models/node'
import { type Explainer, topContributions } from '@breakwater/trees'
import type { Attributions, NoAttributions } from '../documents/explanation.ts'
import { explainerOf } from './attributions.ts'

/** Trees, ready to be taken apart touch by touch. */
export interface Contributions {
  /** Of the score: `drift` is standard deviations of the law's drift, positive towards a break. */
  readonly unit: Attributions['unit'] | 'drift'
  /** The score that is expected of a touch of which nothing is known. */
  readonly base: number
  /** Of each row of signals; null where the trees have nothing to say of it. */
  readonly explain: (table: Table) => (TouchContributions | null)[]
}

/** What moved the score of one touch. */
export interface TouchContributions {
  /** `base` and the contributions of all columns. */
  readonly score: number
  /** The columns that moved it most, by falling size; `value` is null where it is missing. */
  readonly top: readonly {
    readonly column: string
    readonly value: number | null
    readonly contribution: number
  }[]
}

/** How many columns are told of each touch. */
interface Told {
  readonly count: number
}

/**
 * What each column contributes to a head's raw score, touch by touch: exact Shapley values (path-dependent TreeSHAP), in log odds, of
 * strength in dollars, before calibration. Of the trees of the bundles, which a final fit has trained on all sessions; reach heads are left
 * out, and a head whose trees cannot be taken apart has the reason. A column of a touch counts from the head's anchor on. Cost: that of
 * `pathDependentExplainer` a head, and of its contributions a row.
 */
export function touchContributions(
  { bundles }: Pick<TrainedSet, 'bundles'>,
  told: Told,
): ReadonlyMap<string, Contributions | NoAttributions> {
  const heads = new Map<string, Contributions | NoAttributions>()
  for (const [name, { model, description }] of bundles) {
    if (parseHeadName(name)?.question.kind === 'reach') continue
    const explainer = explainerOf(model)
    const encoder = encoderFromJson(description.encoder)
    const { anchor } = splitAnchor(name)
    heads.set(
      name,
      'reason' in explainer
        ? explainer
        : {
            unit: model.objective === 'logistic' ? 'log odds' : 'dollars',
            base: explainer.baseValue,
            explain: (table) => contributionsOf(explainer, encodeAtAnchor(encoder, table, anchor).matrix, told),
          },
    )
  }
  return heads
}

/**
 * What each column contributes to the tilt of a set's law at an anchor, as {@link touchContributions} tells it of heads: the shift of the
 * drift in its standard deviations, positive towards a break, the law's calibration within the base. It is what features add to what a law
 * forecasts. Null where the set has no law with a tilt. Cost: beside that of the trees that of `forecastAnchors`.
 */
export function tiltContributions(
  { law }: Pick<TrainedSet, 'law'>,
  signals: LawSignals,
  { anchor, count }: Told & { readonly anchor: Anchor },
): Contributions | NoAttributions | null {
  const tilt = law?.path.tilt ?? null
  if (law === null || tilt === null) return null
  const explainer = explainerOf(tilt)
  if ('reason' in explainer) return explainer
  const { tiltScale, calibration } = law.path
  return {
    unit: 'drift',
    base: explainer.baseValue / tiltScale + calibration.drift,
    explain(table) {
      const { matrix, touchRows } = tiltInputs(law, { ...signals, table }, anchor)
      const told: (TouchContributions | null)[] = Array.from({ length: table.rows }, () => null)
      for (const [i, { score, top }] of contributionsOf(explainer, matrix, { count }).entries()) {
        told[touchRows[i] as number] = {
          score: score / tiltScale + calibration.drift,
          top: top.map((one) => ({ ...one, contribution: one.contribution / tiltScale })),
        }
      }
      return told
    },
  }
}

function contributionsOf(explainer: Explainer, matrix: Matrix, { count }: Told): TouchContributions[] {
  const { columns, baseValue } = explainer
  const all = explainer.contributions(matrix)
  return Array.from({ length: matrix.rows }, (_, row) => {
    const values = Float32Array.from(columns, (_column, c) => matrix.values[c * matrix.rows + row] as number)
    const own = all.subarray(row * columns.length, (row + 1) * columns.length)
    return {
      score: own.reduce((sum, one) => sum + one, baseValue),
      top: topContributions(columns, values, own, { count }).map(({ column, value, contribution }) => ({
        column,
        value: Number.isNaN(value) ? null : value,
        contribution,
      })),
    }
  })
}
