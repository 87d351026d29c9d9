import type { Anchor } from '@breakwater/features'
import type { OnnxModel } from '@breakwater/formats'
import { type Bundle, OPSETS } from '@breakwater/trees'
import type { FoldLaw } from '../law/forecaster.ts'
import type { TrainingDetails } from '../set/details.ts'
import { createBuilder } from './builder.ts'
import { calibratedHeads, type GraphHead } from './head-nodes.ts'
import { type RawColumn, rawColumns } from './raw-columns.ts'
import { servedHeads } from './served-nodes.ts'

/** What a graph is made of. */
export interface ExportedSet {
  readonly details: Pick<
    TrainingDetails,
    'stage' | 'ablation' | 'data' | 'heads' | 'serving' | 'mix' | 'libraryVersion'
  >
  /** By head. */
  readonly bundles: ReadonlyMap<string, Bundle>
  /** Null where none was fitted, and to leave it out: the graph then gives the heads, as `forecastTable` does. */
  readonly law: Pick<FoldLaw, 'path' | 'features'> | null
}

/** A graph with its raw columns and what it gives. */
export interface SetGraph {
  readonly model: OnnxModel
  /** One input a column, in order: numbers as 64-bit floats, words as strings, each of shape [N]. */
  readonly inputs: readonly RawColumn[]
  /** One output a head, in order, 64-bit floats of shape [N]. */
  readonly heads: readonly GraphHead[]
}

/** What the graph of a set gives, in a sentence. */
export function exportedForecasts({ details, law }: Pick<ExportedSet, 'details' | 'law'>): string {
  const choice = law === null ? undefined : details.serving.at(-1)?.kind
  if (choice === undefined) return 'The graphs give what this set serves: the heads as calibrated'
  return choice === 'law'
    ? 'The graphs give what this set serves: the law of first passage as calibrated and tilted, its heads where the law has no forecast'
    : 'The graphs give what this set serves: the heads as calibrated, made coherent, the law where a head has no forecast or price is there already'
}

/** What the graph lacks of what is served; a sentence each. */
export function notExported({ serving, mix }: Pick<TrainingDetails, 'serving' | 'mix'>): string[] {
  // Heads without a law are mixed by hand-set formulas unless the set says otherwise.
  const isMixed = mix === undefined ? serving.length === 0 : mix.kind !== 'none'
  return isMixed ? [NO_MIX] : []
}

const NO_MIX = 'Not exported: the mix by which neighbours and gate enter direction, break and bounce'

const IR_VERSION = 8

/**
 * One ONNX graph of an anchor, from raw columns to what the set serves there: encoder, trees (64-bit leaves), link, calibrator of each head and the
 * order among reach heads; and where the set has a law, its volatility, tilt and surface from the numbers of the moment (`graphRows` has them),
 * and the choice between law and heads. Within 1e-6 of `served` of `forecastTable`, dollars above 1 relatively; where a
 * probability lies within 1e-7 of a step of a Venn-ABERS map it may fall on the other side. Operators of opset 17 and ai.onnx.ml 3;
 * about 60 kB of memory a row.
 *
 * Columns that only the anchor has are inputs like any other: `moved`, `moved_atr` and, for a law, `left_s` and the other
 * `MOMENT_NUMBERS`. A row whose `moved` or `left_s` is NaN has no law. Throws where the set has no head at the anchor.
 */
export function setGraph({ details, bundles, law }: ExportedSet, anchor: Anchor): SetGraph {
  const own = [...bundles].filter(([, { description }]) => description.anchor === anchor)
  if (own.length === 0) {
    const there = [...new Set([...bundles.values()].map(({ description }) => description.anchor))]
    throw new Error(`models: anchor=${anchor}: the set has no head there. It has heads at ${there.join(', ')}.`)
  }
  const trained = own[0]?.[1].description.timestamp ?? ''
  const builder = createBuilder()
  const source = rawColumns(builder)
  const calibrated = calibratedHeads(builder, source, own)
  const heads = servedHeads(builder, source, { details, law, anchor }, calibrated)
  const axis = builder.integers([1], [1])
  for (const { output, value } of heads) builder.call('Squeeze', [value, axis], { output })
  const inputs = source.inputs()
  const described = heads.map(({ name, output, task, radius }) => ({ name, output, task, radius }))
  return {
    inputs,
    heads: described,
    model: {
      irVersion: IR_VERSION,
      producerName: 'breakwater',
      producerVersion: details.libraryVersion,
      opsets: OPSETS,
      metadata: new Map([
        ['breakwater.export', JSON.stringify(aboutOf({ details, law }, anchor, { heads: described, trained }))],
      ]),
      graph: {
        name: `${details.stage}_${details.ablation}_${anchor}`,
        nodes: builder.nodes,
        initializers: builder.initializers,
        inputs: inputs.map(({ name, kind }) => ({
          name,
          elementType: kind === 'number' ? 'double' : 'string',
          shape: ['N'],
        })),
        outputs: heads.map(({ output }) => ({ name: output, elementType: 'double', shape: ['N'] })),
      },
    },
  }
}

function aboutOf(
  { details: { stage, ablation, data, serving, mix }, law }: Pick<ExportedSet, 'details' | 'law'>,
  anchor: Anchor,
  { heads, trained }: { readonly heads: SetGraph['heads']; readonly trained: string },
): object {
  return {
    format: 'breakwater-export',
    version: 2,
    stage,
    ablation,
    anchor,
    trained,
    thresholds: data.thresholds,
    dataHash: data.hash,
    serves: law === null ? 'heads' : (serving.at(-1)?.kind ?? 'heads'),
    hasLaw: law !== null,
    notExported: notExported({ serving, mix }),
    heads,
  }
}
