import type { Encoder, Encoding } from '@breakwater/features'
import type { GraphBuilder } from './builder.ts'
import { encoderNodes } from './encoder-nodes.ts'

/** A raw column of signals or of a moment. */
export interface RawColumn {
  readonly name: string
  readonly kind: Encoding['kind']
}

/** Raw columns of a graph, which become its inputs as they are asked for. */
export interface RawColumns {
  readonly inputs: () => readonly RawColumn[]
  /** A column of numbers, [N, 1]. */
  readonly number: (name: string) => string
  /** Columns as an encoder has them; heads of a group share one matrix. */
  readonly encoded: (encoder: Encoder) => string
}

/** Raw columns of a graph that has none yet. */
export function rawColumns(builder: GraphBuilder): RawColumns {
  const columns = new Map<string, Encoding['kind']>()
  const numbers = new Map<string, string>()
  const matrices = new Map<string, string>()
  return {
    inputs: () => [...columns].map(([name, kind]) => ({ name, kind })),
    number: (name) => {
      columns.set(name, 'number')
      const known = numbers.get(name) ?? builder.call('Unsqueeze', [name, builder.integers([1], [1])])
      numbers.set(name, known)
      return known
    },
    encoded: (encoder) => {
      const key = JSON.stringify(encoder.encodings)
      for (const { name, kind } of encoder.encodings) columns.set(name, kind)
      const matrix = matrices.get(key) ?? encoderNodes(builder, encoder)
      matrices.set(key, matrix)
      return matrix
    },
  }
}
