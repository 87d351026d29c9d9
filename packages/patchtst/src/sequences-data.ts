import { elementsOf } from './npz-array.ts'

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
  /** (samples x length): 1 observed, 0 padding; at least one 1 a sample. */
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
  /** How the file was made: JSON, '' where it says nothing. */
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
  const { source, length, channelNames, x, mask, staticNames, statics } = data
  const wrong = (array: string, why: string): Error => sequenceError(source, array, why)
  for (const [array, names] of [
    ['seq_feature_names', channelNames],
    ['static_feature_names', staticNames],
  ] as const) {
    const twice = names.find((name, i) => names.indexOf(name) !== i)
    if (twice !== undefined) throw wrong(array, `names ${twice} twice. Give each a name of its own.`)
  }
  for (const { array, size, shape } of sizes(data)) {
    if (size !== elementsOf(shape)) {
      throw wrong(array, `has ${size} values and should have ${shape.join(' x ')}. Write the file again.`)
    }
  }
  const width = channelNames.length
  for (let sample = 0; sample < data.samples; sample++) {
    const steps = mask.subarray(sample * length, (sample + 1) * length)
    if (!steps.includes(1))
      throw wrong('mask', `sample ${sample} (${data.eventIds[sample]}) has no observed step. Leave it out.`)
    for (const [step, observed] of steps.entries()) {
      if (observed !== 0 && observed !== 1)
        throw wrong('mask', `sample ${sample}, step ${step} is ${observed}: must be 0 or 1.`)
      if (observed === 0) continue
      const at = (sample * length + step) * width
      const channel = x.subarray(at, at + width).findIndex((value) => !Number.isFinite(value))
      if (channel !== -1) {
        throw wrong(
          'X',
          `sample ${sample}, step ${step}, ${channelNames[channel]} is ${x[at + channel]} where the mask says observed. Mask the step, or leave the channel out.`,
        )
      }
    }
    checkLabels(data, sample)
  }
  const infinite = statics.findIndex((value) => Math.abs(value) === Infinity)
  if (infinite !== -1)
    throw wrong(
      'static',
      `${staticNames[infinite % staticNames.length]} is infinite in sample ${Math.floor(infinite / staticNames.length)}. Give NaN for no value.`,
    )
}

function checkLabels({ source, yBreak, yStrength, reach }: SequenceData, sample: number): void {
  const label = yBreak[sample] as number
  if (label < -1 || label > 1)
    throw sequenceError(source, 'y_break', `sample ${sample} is ${label}: must be 1 (break), 0 (bounce) or -1.`)
  if (Math.abs(yStrength[sample] as number) === Infinity)
    throw sequenceError(source, 'y_strength', `sample ${sample} is infinite. Give NaN for unknown.`)
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
