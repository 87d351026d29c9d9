import { encoderFromJson, parseHeadName, splitAnchor, type Table } from '@breakwater/features'
import { encodeAtAnchor } from '@breakwater/models'
import type { TrainedSet } from '@breakwater/models/node'
import { topContributions } from '@breakwater/trees'
import type { Attributions, NoAttributions } from '../documents/explanation.ts'
import { explainerOf } from './attributions.ts'

/** A head's trees, ready to be taken apart touch by touch. */
export interface HeadContributions {
  readonly unit: Attributions['unit']
  /** The raw score that is expected of a touch of which nothing is known. */
  readonly base: number
  /** Of each row of signals. */
  readonly explain: (table: Table) => TouchContributions[]
}

/** What moved the raw score of one touch. */
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

/**
 * What each column contributes to a head's raw score, touch by touch: exact Shapley values (path-dependent TreeSHAP), in log odds, of
 * strength in dollars, before calibration. Of the trees of the bundles, which a final fit has trained on all sessions; reach heads are left
 * out, and a head whose trees cannot be taken apart has the reason. A column of a touch counts from the head's anchor on. Cost: that of
 * `pathDependentExplainer` a head, and of its contributions a row.
 */
export function touchContributions(
  { bundles }: Pick<TrainedSet, 'bundles'>,
  { count }: { readonly count: number },
): ReadonlyMap<string, HeadContributions | NoAttributions> {
  const heads = new Map<string, HeadContributions | NoAttributions>()
  for (const [name, { model, description }] of bundles) {
    if (parseHeadName(name)?.question.kind === 'reach') continue
    const explainer = explainerOf(model)
    if ('reason' in explainer) {
      heads.set(name, explainer)
      continue
    }
    const encoder = encoderFromJson(description.encoder)
    const { columns, baseValue: base } = explainer
    heads.set(name, {
      unit: model.objective === 'logistic' ? 'log odds' : 'dollars',
      base,
      explain(table) {
        const { matrix } = encodeAtAnchor(encoder, table, splitAnchor(name).anchor)
        const contributions = explainer.contributions(matrix)
        return Array.from({ length: table.rows }, (_, row): TouchContributions => {
          const values = Float32Array.from(columns, (_column, c) => matrix.values[c * table.rows + row] as number)
          const own = contributions.subarray(row * columns.length, (row + 1) * columns.length)
          return {
            score: own.reduce((sum, one) => sum + one, base),
            top: topContributions(columns, values, own, { count }).map(({ column, value, contribution }) => ({
              column,
              value: Number.isNaN(value) ? null : value,
              contribution,
            })),
          }
        })
      },
    })
  }
  return heads
}
