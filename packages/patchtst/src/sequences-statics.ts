import type { SequenceData } from './sequences-data.ts'

/** How missing statics are encoded for a model that cannot take NaN; fitted on training samples alone. */
export interface StaticFill {
  /** Columns of the file that are kept, in order: those with any value in training. */
  readonly kept: readonly string[]
  /** What stands in for a missing value of each kept column: its mean in training. */
  readonly values: readonly number[]
  /** Kept columns with a flag of their own (1 where the value is missing): those that lack one in training. */
  readonly flagged: readonly string[]
  /** Columns of the result: the kept ones, then `name is missing` for each flagged one. */
  readonly names: readonly string[]
}

/**
 * Learns from training samples how to fill statics. A value is never made up in silence: where one is missing, a flag
 * beside it says so. Columns without any value in training are left out. O(samples x statics).
 */
export function fitStatics({ samples, staticNames, statics }: SequenceData): StaticFill {
  const width = staticNames.length
  const columns = staticNames.map((name, c) => {
    let [sum, count] = [0, 0]
    for (let sample = 0; sample < samples; sample++) {
      const value = statics[sample * width + c] as number
      if (Number.isNaN(value)) continue
      sum += value
      count++
    }
    return { name, count, mean: sum / count }
  })
  const kept = columns.filter(({ count }) => count > 0)
  const flagged = kept.filter(({ count }) => count < samples).map(({ name }) => name)
  const names = kept.map(({ name }) => name)
  return {
    kept: names,
    values: kept.map(({ mean }) => mean),
    flagged,
    names: [...names, ...flagged.map((name) => `${name} is missing`)],
  }
}

/**
 * The statics of samples by a fitted fill: (samples x fill.names), row-major, finite. Throws where the data lacks a kept
 * column. O(samples x statics).
 */
export function fillStatics({ source, samples, staticNames, statics }: SequenceData, fill: StaticFill): Float32Array {
  const places = fill.kept.map((name) => {
    const place = staticNames.indexOf(name)
    if (place !== -1) return place
    throw new Error(
      `patchtst: ${source}: array static_feature_names: lacks ${name}, which the model was trained with. Write the file with the same options.`,
    )
  })
  const flags = fill.flagged.map((name) => fill.kept.indexOf(name))
  const out = new Float32Array(samples * fill.names.length)
  for (let sample = 0; sample < samples; sample++) {
    const row = places.map((place) => statics[sample * staticNames.length + place] as number)
    const filled = row.map((value, i) => (Number.isNaN(value) ? (fill.values[i] as number) : value))
    out.set([...filled, ...flags.map((i) => Number(Number.isNaN(row[i])))], sample * fill.names.length)
  }
  return out
}
