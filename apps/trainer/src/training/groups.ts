import type { Ablation, FeatureSpec, HeadTarget, Schema, Stage } from '@breakwater/features'
import { selectFeatures } from '@breakwater/features'
import type { FeatureGroup } from './fold.ts'

/** The feature groups of one stage and ablation, and the columns that each anchor had to leave out. */
export interface Grouped {
  readonly groups: readonly FeatureGroup[]
  readonly knownTooLate: Readonly<Record<string, readonly string[]>>
}

/** Puts heads together that may see the same features: a feature known after a head's anchor does not feed it. */
export function groupHeads(schema: Schema, stage: Stage, ablation: Ablation, targets: readonly HeadTarget[]): Grouped {
  const byColumns = new Map<string, { features: readonly FeatureSpec[]; targets: HeadTarget[] }>()
  const knownTooLate: Record<string, readonly string[]> = {}
  for (const target of targets) {
    const selection = selectFeatures(schema, { stage, ablation, knownBy: target.anchorSeconds })
    const key = selection.features.map(({ name }) => name).join(' ')
    const group = byColumns.get(key) ?? { features: selection.features, targets: [] }
    group.targets.push(target)
    byColumns.set(key, group)
    if (selection.knownTooLate.length > 0) knownTooLate[target.anchor] = selection.knownTooLate
  }
  return { groups: [...byColumns.values()], knownTooLate }
}
