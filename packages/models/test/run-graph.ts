import { numbersOf, stringsOf, type Table } from '@breakwater/features'
import { encodeModel } from '@breakwater/formats'
import type { SetGraph } from '@breakwater/models'
import { InferenceSession, Tensor } from 'onnxruntime-node'

/** What ONNX Runtime says of raw columns, by output. */
export async function runGraph({ model, inputs, heads }: SetGraph, table: Table): Promise<Map<string, Float64Array>> {
  const session = await InferenceSession.create(encodeModel(model))
  const feeds = Object.fromEntries(
    inputs.map(({ name, kind }): [string, Tensor] => {
      const shape = [table.rows]
      return kind === 'number'
        ? [name, new Tensor('float64', numbersOf(table, name), shape)]
        : [name, new Tensor('string', stringsOf(table, name), shape)]
    }),
  )
  const results = await session.run(feeds)
  await session.release()
  return new Map(heads.map(({ output }) => [output, results[output]?.data as Float64Array]))
}

/** The largest difference, relative where what is expected is above 1; NaN where one of two is missing. */
export const largestGap = (found: ArrayLike<number> | undefined, expected: ArrayLike<number>): number =>
  Array.from(expected).reduce((most, value, row) => {
    const other = found?.[row] ?? Number.NaN
    const gap = Object.is(other, value) ? 0 : Math.abs(other - value) / Math.max(1, Math.abs(value))
    return gap > most || Number.isNaN(gap) ? gap : most
  }, 0)
