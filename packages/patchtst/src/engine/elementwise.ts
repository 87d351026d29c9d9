import { emitOne } from './graph.ts'
import type { Value } from './graph.ts'
import { broadcastShape } from './shape.ts'

/** A value, or a number that stands for a scalar of the graph. */
export type Operand = Value | number

/** The value of an operand beside another, which knows the graph. */
export function valueOf(operand: Operand, { graph }: Value): Value {
  return typeof operand === 'number' ? graph.constant([operand], []) : operand
}

function binary(op: string, a: Value, b: Operand): Value {
  const other = valueOf(b, a)
  return emitOne(op, [a, other], { shape: broadcastShape(a.shape, other.shape) })
}

function unary(op: string, x: Value): Value {
  return emitOne(op, [x], { shape: x.shape })
}

/** a + b, broadcast. */
export function add(a: Value, b: Operand): Value {
  return binary('Add', a, b)
}

/** a - b, broadcast. */
export function sub(a: Value, b: Operand): Value {
  return binary('Sub', a, b)
}

/** a b, broadcast. */
export function mul(a: Value, b: Operand): Value {
  return binary('Mul', a, b)
}

/** a / b, broadcast. */
export function div(a: Value, b: Operand): Value {
  return binary('Div', a, b)
}

/** c - x for a number c. */
export function subtractFrom(c: number, x: Value): Value {
  return sub(valueOf(c, x), x)
}

/** -x. */
export function neg(x: Value): Value {
  return unary('Neg', x)
}

/** e to the power of x. */
export function exp(x: Value): Value {
  return unary('Exp', x)
}

/** The square root; its gradient at 0 is infinite. */
export function sqrt(x: Value): Value {
  return unary('Sqrt', x)
}

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: Value): Value {
  return unary('Sigmoid', x)
}

/** ln(1 + exp(x)). */
export function softplus(x: Value): Value {
  return unary('Softplus', x)
}

/** The error function; 32-bit only. */
export function erf(x: Value): Value {
  return unary('Erf', x)
}

/** |x|, with gradient 0 at 0. */
export function abs(x: Value): Value {
  return unary('Abs', x)
}

/** -1, 0 or 1. No gradient. */
export function sign(x: Value): Value {
  return unary('Sign', x)
}

/** Whether a < b. No gradient. */
export function less(a: Value, b: Operand): Value {
  const other = valueOf(b, a)
  return emitOne('Less', [a, other], { shape: broadcastShape(a.shape, other.shape), dtype: 'bool' })
}

/** `a` where `condition`, else `b`, broadcast. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const [first, second] = [valueOf(a, condition), valueOf(b, condition)]
  const shape = broadcastShape(condition.shape, broadcastShape(first.shape, second.shape))
  return emitOne('Where', [condition, first, second], { shape })
}
