import { elementsOf } from '@breakwater/formats/npz'

/** Whether a threshold was reached by each horizon, for some curves (a threshold and a side). */
export interface ReachLabels {
  readonly curves: readonly string[]
  /** Seconds from the anchor, rising. */
  readonly horizons: readonly number[]
  /** (samples x curves x horizons), row-major: 1 reached within the horizon, 0 not, -1 unknown. */
  readonly values: Int8Array
}

/** What a sequence file holds: the window, statics and labels of each touch. */
export interface SequenceData {
  /** Names the data in errors: a file, or several. */
  readonly source: string
  readonly samples: number
  readonly length: number
  readonly channelNames: readonly string[]
  /** (samples x length x channels), row-major; finite where `mask` is 1. */
  readonly x: Float32Array
  /** (samples x length): 1 observed, 0 padding; at least one 1 per sample. */
  readonly mask: Uint8Array
  readonly staticNames: readonly string[]
  /** (samples x statics), row-major; NaN where missing. */
  readonly statics: Float32Array
  /** 1 break, 0 bounce, -1 other. */
  readonly yBreak: Int8Array
  /** Signed excursion in $; NaN unknown. */
  readonly yStrength: Float32Array
  /** null in files without reach labels. */
  readonly reach: ReachLabels | null
  readonly eventIds: readonly string[]
  /** Start of the touch minute. */
  readonly tsNs: BigInt64Array
  /** How the file was made: JSON, '' where unknown. */
  readonly metadata: string
}

/** The error for an array of a sequence file that breaks a rule. */
export function sequenceError(source: string, array: string, why: string): Error {
  return new Error(`patchtst: ${source}: array ${array}: ${why}`)
}

/**
 * Throws unless the data obeys the rules that stand beside its fields, naming file, array and the first wrong sample.
 * O(values).
 */
export function checkSequences(data: SequenceData): void {
  const { source, channelNames, staticNames, statics } = data
  checkNames(source, 'seq_feature_names', channelNames)
  checkNames(source, 'static_feature_names', staticNames)
  for (const { array, size, shape } of sizes(data)) {
    if (size === elementsOf(shape)) continue
    throw sequenceError(source, array, `has ${size} values and should have ${shape.join(' x ')}. Write the file again.`)
  }
  for (let sample = 0; sample < data.samples; sample++) {
    checkWindow(data, sample)
    checkLabels(data, sample)
  }
  const infinite = statics.findIndex((value) => Math.abs(value) === Infinity)
  if (infinite === -1) return
  const [name, sample] = [staticNames[infinite % staticNames.length], Math.floor(infinite / staticNames.length)]
  throw sequenceError(source, 'static', `${name} is infinite in sample ${sample}. Pass NaN for no value.`)
}

function checkNames(source: string, array: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw sequenceError(source, array, `names ${twice} twice. Give each a name of its own.`)
}

function checkWindow({ source, length, channelNames, x, mask, eventIds }: SequenceData, sample: number): void {
  const width = channelNames.length
  let steps = 0
  for (let step = 0; step < length; step++) {
    const place = sample * length + step
    const bit = mask[place] as number
    if (bit > 1) throw sequenceError(source, 'mask', `sample ${sample}, step ${step} is ${bit}: must be 0 or 1.`)
    if (bit === 0) continue
    steps++
    for (let c = 0; c < width; c++) {
      const value = x[place * width + c] as number
      if (Number.isFinite(value)) continue
      const where = `sample ${sample}, step ${step}, ${channelNames[c]}`
      const fix = 'Mask the step, or leave the channel out.'
      throw sequenceError(source, 'X', `${where} is ${value} where the mask says observed. ${fix}`)
    }
  }
  if (steps > 0) return
  throw sequenceError(source, 'mask', `sample ${sample} (${eventIds[sample]}) has no observed step. Leave it out.`)
}

function checkLabels({ source, yBreak, yStrength, reach }: SequenceData, sample: number): void {
  const label = yBreak[sample] as number
  if (label < -1 || label > 1)
    throw sequenceError(source, 'y_break', `sample ${sample} is ${label}: must be 1 (break), 0 (bounce) or -1.`)
  if (Math.abs(yStrength[sample] as number) === Infinity)
    throw sequenceError(source, 'y_strength', `sample ${sample} is infinite. Pass NaN for unknown.`)
  if (reach === null) return
  const size = reach.curves.length * reach.horizons.length
  const odd = reach.values.subarray(sample * size, (sample + 1) * size).find((value) => value < -1 || value > 1)
  if (odd !== undefined) throw sequenceError(source, 'y_reach', `sample ${sample} has ${odd}: must be 1, 0 or -1.`)
}

function sizes(data: SequenceData): { array: string; size: number; shape: number[] }[] {
  const { samples, length, channelNames, staticNames, reach } = data
  return [
    { array: 'X', size: data.x.length, shape: [samples, length, channelNames.length] },
    { array: 'mask', size: data.mask.length, shape: [samples, length] },
    { array: 'static', size: data.statics.length, shape: [samples, staticNames.length] },
    { array: 'y_break', size: data.yBreak.length, shape: [samples] },
    { array: 'y_strength', size: data.yStrength.length, shape: [samples] },
    { array: 'event_id', size: data.eventIds.length, shape: [samples] },
    { array: 'ts_ns', size: data.tsNs.length, shape: [samples] },
    ...(reach === null
      ? []
      : [
          { array: 'y_reach', size: reach.values.length, shape: [samples, reach.curves.length, reach.horizons.length] },
        ]),
  ]
}
