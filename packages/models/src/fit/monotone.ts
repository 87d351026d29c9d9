import type { FeatureSpec } from '@breakwater/features'

/** Columns in which a forecast may only rise (1) or only fall (-1). */
export type Directions = Readonly<Record<string, 1 | -1>>

/**
 * Throws where a direction is of no column that any of the groups sees, or of one that holds words: its categories have no
 * order. A group without the column trains without the constraint.
 */
export function checkMonotone(
  groups: readonly { readonly features: readonly FeatureSpec[] }[],
  monotone: Directions | undefined,
): void {
  const features = new Map(groups.flatMap((group) => group.features.map((feature) => [feature.name, feature] as const)))
  for (const column of Object.keys(monotone ?? {})) {
    const feature = features.get(column)
    if (feature === undefined) {
      throw new Error(
        `models: monotone=${column}: no head sees such a column. Name a feature of the stage and ablation, as data/features.json spells it.`,
      )
    }
    if (feature.type === 'string') {
      throw new Error(`models: monotone=${column}: contains words, which have no order. Leave it out.`)
    }
  }
}

/** The directions of the columns of a matrix; undefined where none of them has any. */
export function directionsOf(columns: readonly string[], monotone: Directions | undefined): Directions | undefined {
  const known = Object.entries(monotone ?? {}).filter(([column]) => columns.includes(column))
  return known.length === 0 ? undefined : Object.fromEntries(known)
}
