import type { Encoder, Encoding } from '@breakwater/features'
import type { OnnxAttribute } from '@breakwater/formats'
import type { GraphBuilder } from './builder.ts'

const axis: OnnxAttribute = { name: 'axis', type: 'int', value: 1 }

/**
 * Encodes raw columns, each [N], as `encodeTable` does, and gives the matrix as 64-bit floats whose values are those of 32
 * bits: numbers are rounded once, NaN stays; a word becomes an indicator for each category of training, NaN in all of them for a word
 * that training did not have and for the empty word, which stands for none.
 */
export function encoderNodes(builder: GraphBuilder, { encodings }: Encoder): string {
  const blocks: string[] = []
  let numbers: string[] = []
  const flush = (): void => {
    if (numbers.length > 0) blocks.push(builder.cast(joined(builder, numbers), 'float'))
    numbers = []
  }
  for (const encoding of encodings) {
    if (encoding.kind === 'number') numbers.push(upright(builder, encoding.name))
    else if (encoding.categories.length > 0) {
      flush()
      blocks.push(indicators(builder, encoding))
    }
  }
  flush()
  return builder.cast(joined(builder, blocks), 'double')
}

/** A column of shape [N, 1]. */
const upright = ({ call, integers }: GraphBuilder, name: string): string =>
  call('Unsqueeze', [name, integers([1], [1])])

const joined = (builder: GraphBuilder, inputs: readonly string[]): string =>
  inputs.length === 1 ? (inputs[0] as string) : builder.call('Concat', inputs, { attributes: [axis] })

function indicators(builder: GraphBuilder, { name, categories }: Extract<Encoding, { kind: 'category' }>): string {
  const places = categories.map((_, place) => place)
  const place = builder.call('LabelEncoder', [upright(builder, name)], {
    domain: 'ai.onnx.ml',
    attributes: [
      { name: 'keys_strings', type: 'strings', values: categories },
      { name: 'values_int64s', type: 'ints', values: places },
      { name: 'default_int64', type: 'int', value: -1 },
    ],
  })
  const held = builder.cast(builder.call('Equal', [place, builder.integers(places)]), 'float')
  const isUnknown = builder.call('Equal', [place, builder.integers([-1])])
  return builder.call('Where', [isUnknown, builder.floats([Number.NaN]), held])
}
