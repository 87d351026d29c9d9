// One moment's whole surface (24 reach probabilities, tradeable, direction, expected extremes; 38 experts) from tables and
// from the formulas, and what fitting costs. First tables and formulas are compared at 80,000 moments (within 1e-7) and 10^6
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
const exactly = createSurface(law, SPEC, { by: 'formulas' })
const out = new Float64Array(surface.questions.length)

/** Price within the band mostly, volatility over two decades around what SPY does. */
function randomMoment(): Moment {
  return { displacement: 2.2 * (uniform() - 0.5), sigma: 10 ** (2 * uniform() - 1.7) }
}

/** A moment whose session ends within the window, at any fraction of a second. */
const lateMoment = (): Moment => ({ ...randomMoment(), secondsLeft: 480 * uniform() })

/** A moment some time after its touch, with the extremes since: all horizons of the clock of the touch are odd. */
function touchedMoment(): Moment {
  const moment = randomMoment()
  const furthestBeyond = moment.displacement + 0.4 * uniform()
  const furthestBack = 0.4 * uniform() - moment.displacement
  return { ...moment, past: { elapsed: 300 * uniform(), furthestBeyond, furthestBack } }
}

const KINDS = [
  { name: 'all time left', draw: randomMoment, clock: 'moment' },
  { name: 'session ends within the window', draw: lateMoment, clock: 'moment' },
  { name: 'clock of the touch', draw: touchedMoment, clock: 'touch' },
  { name: 'both', draw: (): Moment => ({ ...touchedMoment(), secondsLeft: 480 * uniform() }), clock: 'touch' },
] as const

/** A value of a surface; of direction, P(break side first). */
const joint = (values: Float64Array, h: number): number =>
  (values[h] as number) * (h === 25 ? (values[24] as number) : 1)

function checkTables(): void {
  for (const { name, draw, clock } of KINDS) {
    let worst = 0
    for (let i = 0; i < 20_000; i++) {
      const moment = draw()
      const options = { tilt: 4 * (uniform() - 0.5), clock }
      const [fast, exact] = [surface.at(moment, options), exactly.at(moment, options)]
      for (let h = 0; h < 30; h++) {
        const gap = Math.abs(joint(fast, h) - joint(exact, h)) / (h < 26 ? 1 : Math.max(1, moment.sigma))
        if (!Number.isNaN(exact[h])) worst = Math.max(worst, gap)
      }
    }
    if (!(worst < 1e-7)) throw new Error(`bench: tables differ from the formulas by ${worst}: ${name}`)
    print(`tables against formulas, 20,000 moments, ${name}: largest difference ${worst.toExponential(1)}`)
  }
}

function checkCoherence(moments: number): void {
  let worst = 0
  for (let i = 0; i < moments; i++) {
    const { draw, clock } = KINDS[i % KINDS.length] as (typeof KINDS)[number]
    const values = surface.at(draw(), { tilt: 6 * (uniform() - 0.5), clock }, out)
    // Both sides of the band were reached: which was first is not known, and the rest is coherent.
    if (Number.isNaN(values[25])) values[25] = 0.5
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
for (const { name, draw, clock } of KINDS) {
  const moments = MOMENTS.map(() => draw())
  report(`surface from tables, ${name}`, moments.length, () => {
    for (const moment of moments) sink += surface.at(moment, { tilt: 0.3, clock }, out)[0] as number
  })
}
report('surface from formulas', 1000, () => {
  for (const moment of MOMENTS.slice(0, 1000)) sink += exactly.at(moment, { tilt: 0.3 }, out)[0] as number
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
