import {
  type Anchor,
  CONFIRMED_COLUMNS,
  type Encoder,
  encodeTable,
  type EncodeReport,
  type FeatureSpec,
  type Matrix,
  type Schema,
  type Stage,
  type Table,
  withConfirmed,
} from '@breakwater/features'

/**
 * Columns that heads of a stage see beside those of signals: where price stands at their anchor. Stage B alone has any, since it
 * serves from the confirmation on; stage A serves before it.
 */
export function confirmedFeatures(schema: Schema, stage: Stage): readonly FeatureSpec[] {
  if (stage !== 'stage_b') return []
  return schema.moments.filter(({ name }) => CONFIRMED_COLUMNS.some((column) => column === name))
}

/** Signals as heads of an anchor that see `features` do. The same table where none of them is of the anchor. */
export function tableAtAnchor(features: readonly { readonly name: string }[], signals: Table, anchor: Anchor): Table {
  const isConfirmed = features.some(({ name }) => CONFIRMED_COLUMNS.some((column) => column === name))
  return isConfirmed ? withConfirmed(signals, anchor) : signals
}

/** Encodes signals for the heads of an anchor. */
export function encodeAtAnchor(
  encoder: Encoder,
  signals: Table,
  anchor: Anchor,
): { readonly matrix: Matrix; readonly report: EncodeReport } {
  return encodeTable(encoder, tableAtAnchor(encoder.encodings, signals, anchor))
}
