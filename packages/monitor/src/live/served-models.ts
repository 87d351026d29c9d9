import { type Anchor, headName, parseHeadName, PRIMARY_ANCHOR, type SignalSettings } from '@breakwater/features'
import type { FeatureBaseline, TestedHead } from '@breakwater/models'
import type { StageReport } from '@breakwater/models/node'

/** What is known of the models that serve, to hold live rows and live figures against. */
export interface ServedModels {
  /** Of every feature that live rows can have. */
  readonly baseline: readonly FeatureBaseline[]
  /** How heads did on test rows at their anchor, by the names of questions. */
  readonly tested: ReadonlyMap<string, TestedHead>
  /** Settings of the signals that the models were trained on. */
  readonly settings: Partial<SignalSettings>
}

/** A stage as far as live figures are held against it. */
type Stage = Pick<StageReport, 'baseline' | 'lacking' | 'tested'>

/**
 * The models of stages A and B at an anchor; where both know a feature or a head, those of stage B, which sees more. Features that every
 * live row lacks are left out.
 */
export function servedModels(
  stages: readonly (Stage | null)[],
  anchor: Anchor,
  settings: Partial<SignalSettings>,
): ServedModels {
  const baseline = new Map<string, FeatureBaseline>()
  const tested = new Map<string, TestedHead>()
  for (const stage of stages) {
    if (stage === null) continue
    for (const one of stage.baseline ?? []) if (!stage.lacking.includes(one.name)) baseline.set(one.name, one)
    for (const one of stage.tested) {
      const head = parseHeadName(one.name)
      if (head?.anchor === anchor) tested.set(headName(head.question, PRIMARY_ANCHOR), one)
    }
  }
  return { baseline: [...baseline.values()], tested, settings }
}
