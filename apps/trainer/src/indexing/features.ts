import type { Anchor, Encoder, FeatureSpec, Schema } from '@breakwater/features'
import { encoderFromJson, findColumn } from '@breakwater/features'
import type { LoadedBundles } from '@breakwater/trees/node'

/** What an anchor's heads of a bundle set see. */
export interface SetFeatures {
  readonly encoder: Encoder
  readonly features: readonly FeatureSpec[]
}

/** The encoder and features that the set's heads of one anchor were trained with: those known by the anchor. */
export function setFeatures({ bundles }: LoadedBundles, schema: Schema, anchor: Anchor): SetFeatures {
  const description = [...bundles.values()].find((bundle) => bundle.description.anchor === anchor)?.description
  if (description === undefined) {
    throw new Error(
      `trainer: --anchor ${anchor}: model bundle missing: no head of this anchor was trained. Train it, or choose another anchor.`,
    )
  }
  const features = description.features.map((name) => {
    const spec = findColumn(schema, name)
    if (spec === undefined) {
      throw new Error(
        `trainer: feature ${name} of the bundle is not in the schema. Give its features.json with --schema.`,
      )
    }
    return spec
  })
  return { encoder: encoderFromJson(description.encoder), features }
}
