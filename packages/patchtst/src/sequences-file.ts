import { readNpz, writeNpz } from '@breakwater/formats/npz'
import type { NpyArray, NpyStream, NpyType, TypedNpyArray, WriteNpzOptions } from '@breakwater/formats/npz'
import type { ReachLabels, SequenceData } from './sequences-data.ts'
import { checkSequences, sequenceError } from './sequences-data.ts'

/** Sequences of which X comes in pieces, in the order of the samples. */
export interface SequenceStream extends Omit<SequenceData, 'x' | 'source'> {
  readonly x: Iterable<Float32Array>
}

/**
 * Writes sequences as .npz: X (samples, length, channels) float32, mask (samples, length) uint8 as bool, static (samples,
 * statics) float32, y_break int8, y_strength float32, event_id, ts_ns int64, seq_feature_names, static_feature_names; with
 * reach labels y_reach (samples, curves, horizons) int8, reach_curve_names and reach_horizons_s int64; and metadata, one
 * string. Bytes go to the disk as X comes; the file appears whole or not at all, and is the same for the same data.
 */
export async function writeSequences(
  file: string,
  data: SequenceStream,
  options: Pick<WriteNpzOptions, 'signal'> = {},
): Promise<void> {
  const { samples, length, channelNames, staticNames, reach } = data
  const arrays: Record<string, NpyArray | NpyStream> = {
    X: { type: 'float32', shape: [samples, length, channelNames.length], chunks: data.x },
    mask: { type: 'bool', shape: [samples, length], values: data.mask },
    static: { type: 'float32', shape: [samples, staticNames.length], values: data.statics },
    y_break: { type: 'int8', shape: [samples], values: data.yBreak },
    y_strength: { type: 'float32', shape: [samples], values: data.yStrength },
    event_id: { type: 'text', shape: [samples], values: data.eventIds },
    ts_ns: { type: 'int64', shape: [samples], values: data.tsNs },
    seq_feature_names: { type: 'text', shape: [channelNames.length], values: channelNames },
    static_feature_names: { type: 'text', shape: [staticNames.length], values: staticNames },
    ...(reach === null ? {} : reachArrays(reach, samples)),
    metadata: { type: 'text', shape: [], values: [data.metadata] },
  }
  await writeNpz(file, arrays, { ...options, compress: true })
}

function reachArrays({ curves, horizons, values }: ReachLabels, samples: number): Record<string, NpyArray> {
  return {
    y_reach: { type: 'int8', shape: [samples, curves.length, horizons.length], values },
    reach_curve_names: { type: 'text', shape: [curves.length], values: curves },
    reach_horizons_s: { type: 'int64', shape: [horizons.length], values: BigInt64Array.from(horizons, BigInt) },
  }
}

/**
 * Reads a sequence file, ours or one that NumPy wrote with the same arrays (reach labels and metadata may be absent;
 * float64 and int64 are taken where they hold the same). Checks shapes, masks, labels and that X is finite where it is
 * observed. Throws naming the file and the array; runs no code. Memory: the arrays, once.
 */
export async function readSequences(file: string): Promise<SequenceData> {
  const arrays = await readNpz(file)
  const take = taker(file, arrays)
  const x = take('X', ['float32', 'float64'], 3)
  const [samples = 0, length = 0] = x.shape
  const reach = arrays.has('y_reach') ? take('y_reach', ['int8', 'int64'], 3) : null
  const data: SequenceData = {
    source: file,
    samples,
    length,
    channelNames: take('seq_feature_names', ['text'], 1).values,
    x: floats(x),
    mask: bytes(take('mask', ['bool', 'int8', 'int64', 'float32', 'float64'], 2)),
    staticNames: take('static_feature_names', ['text'], 1).values,
    statics: floats(take('static', ['float32', 'float64'], 2)),
    yBreak: smallIntegers(take('y_break', ['int8', 'int64'], 1)),
    yStrength: floats(take('y_strength', ['float32', 'float64'], 1)),
    reach: reach && {
      curves: take('reach_curve_names', ['text'], 1).values,
      horizons: Array.from(take('reach_horizons_s', ['int64'], 1).values, Number),
      values: smallIntegers(reach),
    },
    eventIds: take('event_id', ['text'], 1).values,
    tsNs: take('ts_ns', ['int64'], 1).values,
    metadata: arrays.has('metadata') ? (take('metadata', ['text'], 0).values[0] ?? '') : '',
  }
  checkSequences(data)
  return data
}

type Take = <T extends NpyType>(name: string, types: readonly T[], dimensions: number) => TypedNpyArray<T>

function taker(file: string, arrays: ReadonlyMap<string, NpyArray>): Take {
  return (name, types, dimensions) => {
    const array = arrays.get(name)
    if (array === undefined)
      throw sequenceError(file, name, 'is not in the file. Write it with `breakwater sequences`.')
    if (!isOneOf(array, types) || array.shape.length !== dimensions) {
      throw sequenceError(
        file,
        name,
        `is ${array.type} of shape (${array.shape.join(', ')}): must be ${types.join(' or ')} of ${dimensions} dimensions.`,
      )
    }
    return array
  }
}

function isOneOf<T extends NpyType>(array: NpyArray, types: readonly T[]): array is NpyArray & TypedNpyArray<T> {
  return types.some((type) => type === array.type)
}

const floats = ({ values }: TypedNpyArray<'float32' | 'float64'>): Float32Array =>
  values instanceof Float32Array ? values : Float32Array.from(values)

const bytes = ({ values }: TypedNpyArray<'bool' | 'int8' | 'int64' | 'float32' | 'float64'>): Uint8Array =>
  values instanceof Uint8Array ? values : Uint8Array.from(values, Number)

const smallIntegers = ({ values }: TypedNpyArray<'int8' | 'int64'>): Int8Array =>
  values instanceof Int8Array ? values : Int8Array.from(values, Number)
