import type { Calibrator, Implication } from '@breakwater/calibration'
import type { GraphBuilder } from './builder.ts'

/** Ends of the log odds, and of the probabilities, that `applyCalibrator` keeps to. */
const EPSILON = 1e-15
const MOST_ODDS = Math.log1p(-EPSILON) - Math.log(EPSILON)

/** The calibrated probability of raw scores (log odds, [N, 1], 64 bits), as `applyCalibrator` gives it. */
export function calibratorNodes(builder: GraphBuilder, raw: string, calibrator: Calibrator | null): string {
  const sigmoid = (x: string): string => builder.call('Sigmoid', [x])
  if (calibrator === null || calibrator.kind === 'identity') return sigmoid(raw)
  return clipped(builder, mapNodes(builder, raw, calibrator), EPSILON, 1 - EPSILON)
}

function mapNodes(
  builder: GraphBuilder,
  raw: string,
  calibrator: Exclude<Calibrator, { readonly kind: 'identity' }>,
): string {
  const { call, doubles } = builder
  const odds = clipped(builder, raw, -MOST_ODDS, MOST_ODDS)
  const times = (x: string, by: number): string => call('Mul', [x, doubles([by])])
  const plus = (x: string, y: string): string => call('Add', [x, y])
  switch (calibrator.kind) {
    case 'platt':
      return call('Sigmoid', [plus(times(odds, calibrator.slope), doubles([calibrator.intercept]))])
    case 'temperature':
      return call('Sigmoid', [times(odds, 1 / calibrator.temperature)])
    case 'beta': {
      // ln p = -ln(1 + e^-x) and ln(1 - p) = -ln(1 + e^x) of log odds x.
      const softplus = (x: string): string => call('Log', [plus(call('Exp', [x]), doubles([1]))])
      const ofP = times(softplus(call('Neg', [odds])), -calibrator.a)
      const ofRest = times(softplus(odds), calibrator.b)
      return call('Sigmoid', [plus(plus(ofP, ofRest), doubles([calibrator.c]))])
    }
    case 'isotonic':
    case 'centred-isotonic':
      return interpolated(builder, call('Sigmoid', [raw]), calibrator)
    case 'venn-abers':
    default: {
      const p = call('Sigmoid', [raw])
      const low = lookedUp(builder, counted(builder, 'GreaterOrEqual', p, calibrator.low.x), [0, ...calibrator.low.y])
      const high = lookedUp(builder, counted(builder, 'Greater', p, calibrator.high.x), [...calibrator.high.y, 1])
      return call('Div', [high, plus(call('Sub', [doubles([1]), low]), high)])
    }
  }
}

function clipped({ call, doubles }: GraphBuilder, x: string, low: number, high: number): string {
  return call('Min', [call('Max', [x, doubles([low])]), doubles([high])])
}

/** How many of the rising values each of x is above, or at least. */
function counted(
  { call, cast, doubles, integers }: GraphBuilder,
  comparison: 'Greater' | 'GreaterOrEqual',
  x: string,
  rising: readonly number[],
): string {
  const passed = cast(call(comparison, [x, doubles(rising)]), 'int64')
  return call('ReduceSum', [passed, integers([1], [1])])
}

const lookedUp = ({ call, doubles }: GraphBuilder, place: string, values: readonly number[]): string =>
  call('Gather', [doubles(values, [values.length]), place])

/** Linear between points, constant beyond the first and the last; never above the end of its piece. */
function interpolated(
  builder: GraphBuilder,
  p: string,
  { x, y }: { readonly x: readonly number[]; readonly y: readonly number[] },
): string {
  const { call } = builder
  const pieces = Array.from({ length: x.length + 1 }, (_, after) => {
    const isEnd = after === 0 || after === x.length
    const [from, to] = isEnd ? [Math.min(after, x.length - 1), Math.min(after, x.length - 1)] : [after - 1, after]
    const [x0, x1, y0, y1] = [x[from], x[to], y[from], y[to]] as [number, number, number, number]
    return { x0, y0, y1, slope: isEnd ? 0 : (y1 - y0) / (x1 - x0) }
  })
  const place = counted(builder, 'GreaterOrEqual', p, x)
  const read = (of: (piece: (typeof pieces)[number]) => number): string => lookedUp(builder, place, pieces.map(of))
  const beyond = call('Sub', [p, read(({ x0 }) => x0)])
  const value = call('Add', [read(({ y0 }) => y0), call('Mul', [beyond, read(({ slope }) => slope)])])
  return call('Min', [value, read(({ y1 }) => y1)])
}

/** Places that lead to one another through `next`, the first included, in order. */
function reached(from: number, next: (from: number) => readonly number[]): number[] {
  const found = new Set([from])
  for (const place of found) for (const other of next(place)) found.add(other)
  return [...found].toSorted((a, b) => a - b)
}

/** Probabilities, one name each, made coherent as `coherentProbabilities` does: the mean of the least values above and the greatest below. */
export function coherenceNodes(
  { call, doubles }: GraphBuilder,
  probabilities: readonly string[],
  implications: readonly Implication[],
): string[] {
  const under = (place: number): number[] =>
    implications.flatMap(({ lower, upper }) => (upper === place ? [lower] : []))
  const over = (place: number): number[] => implications.flatMap(({ lower, upper }) => (lower === place ? [upper] : []))
  const at = (place: number): string => probabilities[place] as string
  return probabilities.map((own, place) => {
    const [below, above] = [reached(place, under), reached(place, over)]
    if (below.length === 1 && above.length === 1) return own
    const sum = call('Add', [call('Max', below.map(at)), call('Min', above.map(at))])
    return call('Mul', [sum, doubles([0.5])])
  })
}
