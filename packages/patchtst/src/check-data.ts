import type { PatchTstConfig } from './config.ts'
import { isSeries } from './sequence-set.ts'
import type { SequenceSet, SeriesWindows, TrainingData } from './sequence-set.ts'

/** Throws where the arrays of data do not fit their sizes, or hold what cannot be read; names the source and the array. */
export function checkData(data: TrainingData): void {
  if (isSeries(data)) checkSeries(data)
  else checkSet(data)
}

function bad(source: string, array: string, why: string): RangeError {
  return new RangeError(`patchtst: ${source}: ${array}: ${why}`)
}

function checkSeries({ source, series, from, samples, length, horizon, channels, channelNames }: SeriesWindows): void {
  if (channelNames.length !== channels)
    throw bad(source, 'channelNames', `${channelNames.length} names of ${channels} channels.`)
  const needed = (from + samples + length + horizon - 1) * channels
  if (samples < 1 || from < 0) throw bad(source, 'samples', `${samples} windows from row ${from}: give at least one.`)
  if (series.length < needed) {
    throw bad(source, 'series', `${series.length} numbers; ${samples} windows need ${needed}. Ask for fewer windows.`)
  }
  const at = series.findIndex((value) => !Number.isFinite(value))
  if (at >= 0) throw bad(source, 'series', `row ${Math.floor(at / channels)} holds ${series[at]}; all must be finite.`)
}

function checkSet(set: SequenceSet): void {
  const { source, samples, length, channels, statics, x, mask, staticValues, labels } = set
  if (samples < 1) throw bad(source, 'X', 'has no samples.')
  const sizes: [string, ArrayLike<unknown> | undefined, number][] = [
    ['X', x, samples * length * channels],
    ['mask', mask, samples * length],
    ['static', staticValues, samples * statics],
    ['channelNames', set.channelNames, channels],
    ['staticNames', set.staticNames, statics],
    ['direction', labels.direction, samples],
    ['strength', labels.strength, samples],
  ]
  for (const [name, array, size] of sizes) {
    if (array !== undefined && array.length !== size) {
      throw bad(source, name, `${array.length} elements; ${samples} samples of ${length} x ${channels} need ${size}.`)
    }
  }
  checkMask(set)
  checkObserved(set)
  const at = staticValues.findIndex((value) => !Number.isFinite(value))
  if (at >= 0) {
    const name = set.staticNames[at % statics] ?? ''
    throw bad(
      source,
      'static',
      `sample ${Math.floor(at / statics)} has ${staticValues[at]} for ${name}; all must be finite.`,
    )
  }
}

function checkMask({ source, mask, samples, length }: SequenceSet): void {
  for (let sample = 0; sample < samples; sample++) {
    const own = mask.subarray(sample * length, (sample + 1) * length)
    if (own.some((value) => value > 1)) throw bad(source, 'mask', `sample ${sample} has values other than 0 and 1.`)
    if (!own.includes(1)) throw bad(source, 'mask', `sample ${sample} is all padding. Leave such samples out.`)
  }
}

function checkObserved({ source, x, mask, channels, length, channelNames }: SequenceSet): void {
  for (let step = 0; step < mask.length; step++) {
    if (mask[step] === 0) continue
    for (let channel = 0; channel < channels; channel++) {
      const value = x[step * channels + channel]
      if (Number.isFinite(value)) continue
      const where = `sample ${Math.floor(step / length)}, step ${step % length}, channel ${channelNames[channel]}`
      throw bad(source, 'X', `${where} is ${value} where the mask says observed. Mask it, or fix the data.`)
    }
  }
}

/** Throws where data do not have the shape that a network was built for, naming the first difference. */
export function checkFits(config: PatchTstConfig, data: TrainingData): void {
  const { source } = data
  const statics = isSeries(data) ? [] : data.staticNames
  if (data.length !== config.length) {
    throw bad(source, 'X', `has ${data.length} steps; the model reads ${config.length}.`)
  }
  checkNames(source, 'channels', config.channelNames, data.channelNames)
  checkNames(source, 'statics', config.staticNames, statics)
}

function checkNames(source: string, what: string, wanted: readonly string[], given: readonly string[]): void {
  for (let i = 0; i < Math.max(wanted.length, given.length); i++) {
    if (wanted[i] === given[i]) continue
    throw bad(
      source,
      what,
      `number ${i} is ${given[i] ?? 'absent'}, and the model or the training data have ${wanted[i] ?? 'none'}. Make both with the same ${what}.`,
    )
  }
}

/** Throws where a task has no label to learn from, or a direction of one class alone. */
export function checkLabels(config: PatchTstConfig, data: TrainingData, purpose: 'train' | 'validate'): void {
  const { tasks, channels } = config
  const { source, samples } = data
  if (isSeries(data)) {
    if (tasks.direction === true || tasks.strength === true || tasks.reach !== undefined) {
      throw bad(source, 'labels', 'windows of a series have only their future: set tasks.forecast alone.')
    }
    if (tasks.forecast !== undefined && data.horizon !== tasks.forecast) {
      throw bad(source, 'horizon', `is ${data.horizon}; tasks.forecast is ${tasks.forecast}. Make them equal.`)
    }
    return
  }
  const { direction, strength, reach, future } = data.labels
  const has = (
    array: string,
    values: ArrayLike<number> | undefined,
    size: number,
    known: (x: number) => boolean,
  ): void => {
    if (values === undefined) throw bad(source, array, `is missing, and tasks ask for it.`)
    if (values.length !== samples * size)
      throw bad(source, array, `${values.length} elements; tasks need ${samples * size}.`)
    if (!Array.prototype.some.call(values, known)) throw bad(source, array, 'has no label.')
  }
  if (tasks.strength === true) has('strength', strength, 1, (x) => Number.isFinite(x))
  if (tasks.reach) has('reach', reach, tasks.reach.curves.length * tasks.reach.horizons.length, (x) => x >= 0)
  if (tasks.forecast !== undefined) has('future', future, tasks.forecast * channels, (x) => Number.isFinite(x))
  if (tasks.direction !== true) return
  has('direction', direction, 1, (x) => x >= 0)
  const breaks = direction?.includes(1) ?? false
  if (purpose === 'train' && !(breaks && direction?.includes(0) === true)) {
    throw bad(
      source,
      'direction',
      `holds only ${breaks ? 'breaks' : 'bounces'}: one class teaches nothing. Pass more data.`,
    )
  }
}
