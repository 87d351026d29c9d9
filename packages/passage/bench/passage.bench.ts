// One moment's whole surface (24 reach probabilities, tradeable, direction, expected extremes; 38 experts) from tables and
// from the formulas, and what fitting costs. First tables and formulas are compared at 20,000 moments (within 1e-7) and 10^6
// random moments are searched for an incoherent value above 1e-9. Times are of the processor, not of the clock.
// Run with: npm run bench -- passage, or npm run bench -- passage --moments 100000 for a shorter search.
import { parseArgs } from 'node:util'
import {
  createSurface,
  defaultExperts,
  driftValues,
  expertValues,
  fitWeights,
  incoherence,
  type Law,
  type Moment,
  tiltObjective,
} from '@breakwater/passage'

const { values: given } = parseArgs({ options: { moments: { type: 'string', default: '1000000' } }, strict: false })
const SPEC = { thresholds: [0.5, 1], horizons: [60, 120, 180, 300], window: 480 }
const ROUNDS = 7
const print = (line: string): void => void process.stdout.write(`${line}\n`)

let state = 12_345
/** Mulberry32: seeded uniform numbers in [0, 1). */
function uniform(): number {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), state | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

const experts = defaultExperts()
const raw = experts.map(() => uniform() + 0.01)
const sum = raw.reduce((total, weight) => total + weight, 0)
const law: Law = { version: 1, experts, weights: raw.map((weight) => weight / sum), breakShare: 0.5 }
const surface = createSurface(law, SPEC)
const out = new Float64Array(surface.questions.length)

/** Price within the band mostly, volatility over two decades around what SPY does. */
function randomMoment(): Moment {
  return { displacement: 2.2 * (uniform() - 0.5), sigma: 10 ** (2 * uniform() - 1.7) }
}

function checkTables(): void {
  let worst = 0
  for (let i = 0; i < 20_000; i++) {
    const moment = randomMoment()
    const tilt = 4 * (uniform() - 0.5)
    const fast = surface.at(moment, { tilt })
    // With a session that ends an instant before the window does, the formulas answer.
    const exact = surface.at({ ...moment, secondsLeft: 480 - 1e-9 }, { tilt })
    for (let h = 0; h < 26; h++) {
      const joint = (values: Float64Array): number => (values[h] as number) * (h === 25 ? (values[24] as number) : 1)
      worst = Math.max(worst, Math.abs(joint(fast) - joint(exact)))
    }
  }
  if (!(worst < 1e-7)) throw new Error(`bench: tables differ from the formulas by ${worst}`)
  print(`tables against formulas, 20,000 moments: largest difference ${worst.toExponential(1)}`)
}

function checkCoherence(moments: number): void {
  let worst = 0
  for (let i = 0; i < moments; i++) {
    const values = surface.at(randomMoment(), { tilt: 6 * (uniform() - 0.5) }, out)
    worst = Math.max(worst, incoherence(SPEC, values))
  }
  if (!(worst <= 1e-9)) throw new Error(`bench: incoherent by ${worst}`)
  print(`coherence of ${moments.toLocaleString('en')} random moments: worst breach ${worst.toExponential(1)}`)
}

/** Processor seconds of one call. */
function timed(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

function report(name: string, count: number, work: () => void): void {
  const times = Array.from({ length: ROUNDS }, () => (timed(work) / count) * 1e6).toSorted((a, b) => a - b)
  const [least, median, most] = [times[0], times[(ROUNDS - 1) / 2], times[ROUNDS - 1]].map((t) => t?.toFixed(1))
  print(`  ${name}: ${median} us (${least} to ${most})`)
}

checkTables()
checkCoherence(Number(given.moments))
print(`processor time a moment, median of ${ROUNDS} rounds (least to most):`)
let sink = 0
const MOMENTS = Array.from({ length: 20_000 }, randomMoment)
const late = MOMENTS.slice(0, 1000).map((moment) => ({ ...moment, secondsLeft: 479 }))
report('surface from tables', MOMENTS.length, () => {
  for (const moment of MOMENTS) sink += surface.at(moment, { tilt: 0.3 }, out)[0] as number
})
report('surface from formulas', late.length, () => {
  for (const moment of late) sink += surface.at(moment, { tilt: 0.3 }, out)[0] as number
})

const columns = {
  displacement: MOMENTS.map(({ displacement }) => displacement),
  sigma: MOMENTS.map(({ sigma }) => sigma),
}
const values = expertValues(experts, SPEC, columns)
const drifts = driftValues(law, SPEC, columns)
// Labels drawn from the law itself, so that a fit has an answer.
const labels = Int8Array.from({ length: MOMENTS.length * 26 }, (_, i) => {
  const row = Math.floor(i / 26)
  return Number(uniform() < (surface.at(MOMENTS[row] as Moment)[i % 26] as number))
})
const theta = Float64Array.from(MOMENTS, () => uniform() - 0.5)
print(`processor time a row of ${MOMENTS.length.toLocaleString('en')}:`)
report('expert values', MOMENTS.length, () => void (sink += expertValues(experts, SPEC, columns).values[0] as number))
report('drift values', MOMENTS.length, () => void (sink += driftValues(law, SPEC, columns).values[0] as number))
report('weights', MOMENTS.length, () => void (sink += fitWeights(values, { labels }).loss))
report('tilt objective', MOMENTS.length, () => void (sink += tiltObjective(drifts, { labels }, theta).loss))
if (!Number.isFinite(sink)) throw new Error('bench: a result is not a number')
