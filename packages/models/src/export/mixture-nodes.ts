import { driftGroups, type JumpExpert, type Law } from '@breakwater/passage'
import type { Arithmetic } from './arithmetic.ts'
import type { GraphBuilder } from './builder.ts'

/** Diffusions of one volatility and one size of drift: a look at one drift answers for minus it as well. */
export interface DriftPair {
  readonly volatility: number
  /** |drift| */
  readonly drift: number
}

/** Weights of the parts of a {@link Mixture}, one a pair or jump. */
export interface MixtureWeights<T> {
  /** Of each pair's drift beyond the level. */
  readonly forward: T
  /** Of each pair's drift back from it. */
  readonly backward: T
  readonly jumps: T
}

/** A mixture by what its experts share. */
export interface Mixture {
  readonly pairs: readonly DriftPair[]
  readonly jumps: readonly Pick<JumpExpert, 'rate' | 'size'>[]
  readonly untilted: MixtureWeights<readonly number[]>
  /** Weights w e^(tilt phi), with sum 1, under a tilt [N, 1]: [N, pairs] and [N, jumps]. */
  readonly tilted: (tilt: string) => MixtureWeights<string>
}

interface Pair extends DriftPair {
  /** Places of the experts with this drift, and of those with minus it. */
  readonly forward: readonly number[]
  readonly backward: readonly number[]
}

/** What stands, without weight, where a law has no expert of a kind, so that no tensor is empty. */
const NO_PAIR: Pair = { volatility: 1, drift: 0, forward: [], backward: [] }
const NO_JUMP = { rate: 1, size: 1, members: [] }

/** A law as a {@link Mixture} whose weights under a tilt are calls of a graph. */
export function mixtureNodes(builder: GraphBuilder, { add, mul, product }: Arithmetic, law: Law): Mixture {
  const { experts, weights } = law
  const { groups, phi } = driftGroups(law)
  const found = pairsOf(law)
  const pairs = found.length === 0 ? [NO_PAIR] : found
  const jumping = experts.flatMap((expert, k) => (expert.kind === 'jump' ? [{ ...expert, members: [k] }] : []))
  const jumps = jumping.length === 0 ? [NO_JUMP] : jumping
  const parts = <T>(of: (members: readonly (readonly number[])[]) => T): MixtureWeights<T> => ({
    forward: of(pairs.map(({ forward }) => forward)),
    backward: of(pairs.map(({ backward }) => backward)),
    jumps: of(jumps.map(({ members }) => members)),
  })
  const totals = (lists: readonly (readonly number[])[]): number[] =>
    lists.map((members) => members.reduce((sum, k) => sum + (weights[k] as number), 0))
  return {
    pairs,
    jumps,
    untilted: parts(totals),
    tilted: (tilt) => {
      const powers = mul(tilt, builder.doubles(Array.from(groups, (group) => phi[group] as number)))
      // A weight of 0 stays 0, its logarithm being minus infinity.
      const odds = add(powers, builder.doubles(weights.map((weight) => Math.log(weight))))
      const tilted = builder.call('Softmax', [odds], { attributes: [{ name: 'axis', type: 'int', value: 1 }] })
      return parts((lists) => {
        const isMember = experts.flatMap((_, k) => lists.map((members) => Number(members.includes(k))))
        return product(tilted, builder.doubles(isMember, [experts.length, lists.length]))
      })
    },
  }
}

function pairsOf({ experts }: Law): Pair[] {
  const pairs = new Map<string, Pair>()
  for (const [k, expert] of experts.entries()) {
    if (expert.kind === 'jump') continue
    const { volatility } = expert
    const drift = Math.abs(expert.drift)
    const key = `${volatility} ${drift}`
    const side = expert.drift < 0 ? 'backward' : 'forward'
    const pair = pairs.get(key) ?? { ...NO_PAIR, volatility, drift }
    pairs.set(key, { ...pair, [side]: [...pair[side], k] })
  }
  return [...pairs.values()]
}
