import type { Anchor, Encoder, FeatureSpec, HeadTarget, Matrix, Schema } from '@breakwater/features'
import { encoderFromJson, encodeTable, findColumn } from '@breakwater/features'
import { fitIndex, type RetrievalIndex } from '@breakwater/retrieval'
import type { Bundle } from '@breakwater/trees'
import type { Signals } from '../signals.ts'
import { metadataOf, outcomesOf } from './touches.ts'

/** How neighbours are looked up. */
export interface NeighbourOptions {
  readonly k: number
  /** Most neighbours from one touch cluster. */
  readonly episodeCap: number
}

/** Options of an index. */
export interface IndexOptions extends NeighbourOptions {
  readonly anchor: Anchor
}

/** An index with the matrix it was fitted on. */
export interface FittedIndex {
  readonly index: RetrievalIndex
  /** Every row of the signals, encoded: training rows and those to ask about. */
  readonly matrix: Matrix
}

/** Signals, and the targets of their rows. */
export interface LabelledSignals {
  readonly signals: Signals
  readonly targets: readonly HeadTarget[]
}

/** Fits an index on the rows of `mask`; `onMeasured` is called with the share of its distances that is measured. */
export function fitOnRows(
  { signals, targets }: LabelledSignals,
  { encoder, mask }: { readonly encoder: Encoder; readonly mask: Uint8Array },
  { k, episodeCap, anchor }: IndexOptions,
  onMeasured?: (share: number) => void,
): FittedIndex {
  const { matrix } = encodeTable(encoder, signals.table)
  const index = fitIndex(matrix, outcomesOf(signals, anchor, targets), metadataOf(signals, anchor), {
    rows: mask,
    k,
    episodeCap,
    onMeasured: (done, of) => onMeasured?.(done / of),
  })
  return { index, matrix }
}

/** What an anchor's heads of a set see. */
export interface AnchorFeatures {
  readonly encoder: Encoder
  readonly features: readonly FeatureSpec[]
}

/** The encoder and features that a set's heads of one anchor were trained with: those known by the anchor. */
export function anchorFeatures(bundles: ReadonlyMap<string, Bundle>, schema: Schema, anchor: Anchor): AnchorFeatures {
  const description = [...bundles.values()].find((bundle) => bundle.description.anchor === anchor)?.description
  if (description === undefined) {
    throw new Error(
      `models: anchor ${anchor}: model bundle missing: no head of this anchor was trained. Train it, or choose another anchor.`,
    )
  }
  const features = description.features.map((name) => {
    const spec = findColumn(schema, name)
    if (spec !== undefined) return spec
    throw new Error(`models: feature ${name} of the bundle is not in the schema. Pass its features.json.`)
  })
  return { encoder: encoderFromJson(description.encoder), features }
}
