import { type Ablation, ABLATIONS, type Stage, STAGES } from '../vocabulary/stages.ts'
import type { ColumnSpec, FeatureFamily, Schema } from './schema.ts'

/** A schema column that feeds a model. */
export type FeatureSpec = ColumnSpec

/** Which features to select. */
export interface FeatureSelection {
  readonly stage: Stage
  readonly ablation: Ablation
  /** Seconds after the touch minute begins by which a value must be known (a head's anchor); undefined asks for all. */
  readonly knownBy?: number
  /** Whether to add the schema's columns of moments, which a table of signals does not have; default false. */
  readonly moments?: boolean
}

/** Selected features in schema order, and those left out because they become known too late. */
export interface SelectedFeatures {
  readonly features: readonly FeatureSpec[]
  /** Names of features of the stage and ablation whose known_after_s is above `knownBy`. */
  readonly knownTooLate: readonly string[]
  /** Names of features of the stage and ablation that the schema marks as containing the future. */
  readonly lookahead: readonly string[]
}

const KEPT: Readonly<Record<Ablation, readonly FeatureFamily[]>> = {
  full: ['ta', 'mechanics', 'context', 'mixed'],
  ta: ['ta', 'context'],
  mechanics: ['mechanics', 'context'],
}

/** Whether the stage has any feature of the ablation's own family (context alone is not one). */
export function hasFeatures(schema: Schema, selection: FeatureSelection): boolean {
  return usable(schema, selection).some(({ family }) => family !== 'context')
}

/**
 * The features of a stage and ablation that are known by `knownBy` (closed: known at the anchor is in time), in schema
 * order. An allow-list: only columns whose role is `feature` and that carry no look-ahead mark can be in it. Context
 * goes with every ablation. Columns of moments come last, and only where they are asked for. Throws when no feature of the asked family is left, saying why. Cost: linear in columns.
 */
export function selectFeatures(schema: Schema, selection: FeatureSelection): SelectedFeatures {
  checkSelection(selection)
  const features = usable(schema, selection)
  const asked = ofStage(schema, selection)
  if (!features.some(({ family }) => family !== 'context')) throw emptySet(schema, selection, asked)
  return {
    features,
    knownTooLate: asked.filter((spec) => spec.lookahead === undefined && !inTime(schema, spec, selection)).map(nameOf),
    lookahead: asked.filter((spec) => spec.lookahead !== undefined).map(nameOf),
  }
}

const nameOf = ({ name }: ColumnSpec): string => name

function ofStage(schema: Schema, { stage, ablation, moments = false }: FeatureSelection): ColumnSpec[] {
  return [...schema.columns, ...(moments ? schema.moments : [])].filter(
    ({ role, stage: first, family }) =>
      role === 'feature' &&
      (stage === 'stage_b' || first === 'a') &&
      family !== undefined &&
      KEPT[ablation].includes(family),
  )
}

/** Whether a column is known by the time that is asked for; one of moments is at any moment. */
function inTime({ moments }: Schema, spec: ColumnSpec, { knownBy }: FeatureSelection): boolean {
  if (knownBy === undefined || moments.includes(spec)) return true
  return spec.knownAfterS !== undefined && spec.knownAfterS <= knownBy
}

function usable(schema: Schema, selection: FeatureSelection): ColumnSpec[] {
  return ofStage(schema, selection).filter((spec) => spec.lookahead === undefined && inTime(schema, spec, selection))
}

function checkSelection({ stage, ablation, knownBy }: FeatureSelection): void {
  if (!STAGES.includes(stage)) {
    throw new RangeError(`features: stage=${JSON.stringify(stage)}: must be one of ${STAGES.join(', ')}.`)
  }
  if (!ABLATIONS.includes(ablation)) {
    throw new RangeError(`features: ablation=${JSON.stringify(ablation)}: must be one of ${ABLATIONS.join(', ')}.`)
  }
  if (knownBy !== undefined && !(knownBy >= 0)) {
    throw new RangeError(`features: knownBy=${knownBy}: must be seconds of at least 0. Leave it out for no limit.`)
  }
}

function emptySet(schema: Schema, { stage, ablation, knownBy }: FeatureSelection, asked: readonly ColumnSpec[]): Error {
  const own = asked.filter(({ family }) => family !== 'context')
  const why =
    own.length === 0
      ? `the schema ${schema.name} has no ${ablation === 'full' ? '' : `${ablation} `}features in ${stage}`
      : `its ${own.length} features contain the future or become known after ${knownBy} s`
  return new RangeError(
    `features: stage=${stage}, ablation=${ablation}: the feature set is empty: ${why}. ` +
      'Choose another stage or ablation, or add features to features.json.',
  )
}
