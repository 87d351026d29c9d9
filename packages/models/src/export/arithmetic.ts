import type { OnnxAttribute } from '@breakwater/formats'
import type { GraphBuilder } from './builder.ts'

/** The name of a result, or a number. */
export type Operand = string | number

/** Arithmetic of 64-bit floats as calls of a graph; shapes broadcast as ONNX has it. */
export interface Arithmetic {
  readonly add: (...terms: readonly Operand[]) => string
  readonly sub: (a: Operand, b: Operand) => string
  readonly mul: (...factors: readonly Operand[]) => string
  readonly div: (a: Operand, b: Operand) => string
  readonly max: (...values: readonly Operand[]) => string
  readonly min: (...values: readonly Operand[]) => string
  readonly exp: (x: string) => string
  readonly log: (x: string) => string
  readonly sqrt: (x: string) => string
  readonly sin: (x: string) => string
  readonly abs: (x: string) => string
  readonly neg: (x: string) => string
  readonly floor: (x: string) => string
  readonly isNaN: (x: string) => string
  readonly less: (a: Operand, b: Operand) => string
  readonly atLeast: (a: Operand, b: Operand) => string
  readonly and: (a: string, b: string) => string
  readonly or: (a: string, b: string) => string
  readonly where: (condition: string, a: Operand, b: Operand) => string
  /** Sum along an axis, which goes unless it is kept. */
  readonly sum: (x: string, axis: number, keep?: boolean) => string
  readonly product: (a: string, b: string) => string
  readonly beside: (parts: readonly string[], axis: number) => string
  /** Places along an axis, in the order of a list. */
  readonly taken: (x: string, places: readonly number[], axis: number) => string
  /** With an axis of size 1 more. */
  readonly raised: (x: string, axis: number) => string
}

/** Arithmetic that adds its calls to a graph. */
export function arithmetic(builder: GraphBuilder): Arithmetic {
  const { call, doubles, integers } = builder
  const named = (operand: Operand): string => (typeof operand === 'string' ? operand : doubles([operand], [1]))
  const both =
    (opType: string): ((a: Operand, b: Operand) => string) =>
    (a, b) =>
      call(opType, [named(a), named(b)])
  const one =
    (opType: string): ((x: string) => string) =>
    (x) =>
      call(opType, [x])
  const inTurn =
    (opType: string): ((...values: readonly Operand[]) => string) =>
    (...values) =>
      values.map(named).reduce((sum, value) => call(opType, [sum, value]))
  return {
    add: inTurn('Add'),
    sub: both('Sub'),
    mul: inTurn('Mul'),
    div: both('Div'),
    max: (...values) => call('Max', values.map(named)),
    min: (...values) => call('Min', values.map(named)),
    exp: one('Exp'),
    log: one('Log'),
    sqrt: one('Sqrt'),
    sin: one('Sin'),
    abs: one('Abs'),
    neg: one('Neg'),
    floor: one('Floor'),
    isNaN: one('IsNaN'),
    less: both('Less'),
    atLeast: both('GreaterOrEqual'),
    and: both('And'),
    or: both('Or'),
    where: (condition, a, b) => call('Where', [condition, named(a), named(b)]),
    sum: (x, axis, keep = false) =>
      call('ReduceSum', [x, integers([axis], [1])], {
        attributes: [{ name: 'keepdims', type: 'int', value: Number(keep) }],
      }),
    product: both('MatMul'),
    beside: (parts, axis) =>
      parts.length === 1 ? (parts[0] as string) : call('Concat', parts, { attributes: [axisOf(axis)] }),
    taken: (x, places, axis) => call('Gather', [x, integers(places, [places.length])], { attributes: [axisOf(axis)] }),
    raised: (x, axis) => call('Unsqueeze', [x, integers([axis], [1])]),
  }
}

const axisOf = (value: number): OnnxAttribute => ({ name: 'axis', type: 'int', value })
