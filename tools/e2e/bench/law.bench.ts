// The law alone (mixture weights and the volatility forecast from bars, no features) on real one-minute bars: mean log loss over
// 24 reach questions, of tradeable and of direction, on sessions that nothing was fitted on, with the base rate beside it.
// Needs ../shared/data/spy_1m_rth_2024_2025, or --data for the folder that holds it; says so and ends where it is absent.
// Run with: npm run bench -- law, or npm run bench -- law --data FOLDER.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildSignals } from '@breakwater/features'
import { readBars } from '@breakwater/features/parquet'
import {
  createSurface,
  defaultExperts,
  driftValues,
  type Expert,
  fitLaw,
  fitVolatility,
  forecastSessions,
  incoherence,
  tiltedProbabilities,
} from '@breakwater/passage'
import { regularDays, selectMoments, sessionBars, type TouchMoments, touchMoments } from './law-moments.ts'

const { values: given } = parseArgs({ options: { data: { type: 'string' } }, strict: false })
const DATA = typeof given.data === 'string' ? given.data : join(import.meta.dirname, '../../../../shared/data')
const FILE = join(DATA, 'spy_1m_rth_2024_2025', 'SPY_1m.parquet')
const SPEC = { thresholds: [0.5, 1], horizons: [60, 120, 180, 300], window: 480 }
/** Sessions: trained on those before the first number, tested on [second, third). The floor is a prototype's law. */
const SPLITS = [
  { name: 'A', train: 150, test: [180, 256], floor: [0.2345, 0.4, 0.38] },
  { name: 'B', train: 90, test: [110, 180], floor: [0.1694, 0.279, 0.288] },
] as const
/** Weights are fitted on every third training row. */
const EVERY = 3
const print = (line: string): void => void process.stdout.write(`${line}\n`)

type Forecast = (row: number, h: number) => number

/** Mean log loss of each question over its unmasked rows: [mean of the reach questions, tradeable, direction]. */
function score({ session, labels, questions }: TouchMoments, forecast: Forecast): [number, number, number] {
  const losses = Array.from({ length: questions }, (_, h) => {
    let sum = 0
    let count = 0
    for (let row = 0; row < session.length; row++) {
      const label = labels[row * questions + h] as number
      if (label < 0) continue
      const p = Math.min(1 - 1e-7, Math.max(1e-7, forecast(row, h)))
      sum -= Math.log(label === 1 ? p : 1 - p)
      count++
    }
    return sum / count
  })
  const reach = losses.slice(0, questions - 2)
  return [reach.reduce((sum, loss) => sum + loss, 0) / reach.length, losses.at(-2) as number, losses.at(-1) as number]
}

function baseRates({ labels, questions }: TouchMoments): number[] {
  return Array.from({ length: questions }, (_, h) => {
    const known = labels.filter((label, i) => i % questions === h && label >= 0)
    return known.filter((label) => label === 1).length / known.length
  })
}

const show = (losses: readonly number[]): string => losses.map((loss) => loss.toFixed(4)).join(' / ')

function lawScore(experts: readonly Expert[], train: TouchMoments, test: TouchMoments): [number, number, number] {
  const fitted = selectMoments(train, (row) => row % EVERY === 0)
  const { law, fit } = fitLaw(experts, { spec: SPEC, moments: fitted, outcomes: fitted })
  const p = tiltedProbabilities(driftValues(law, SPEC, test), new Float64Array(test.session.length))
  const surface = createSurface(law, SPEC)
  let worst = 0
  for (let row = 0; row < test.session.length; row++) {
    const moment = { displacement: test.displacement[row] as number, sigma: test.sigma[row] as number }
    worst = Math.max(worst, incoherence(SPEC, surface.at(moment)))
  }
  if (!(worst <= 1e-9)) throw new Error(`bench: incoherent by ${worst}`)
  const byVolatility = new Map<string, number>()
  for (const [k, expert] of experts.entries()) {
    const name = expert.kind === 'diffusion' ? `${expert.volatility}` : `jump ${expert.size}`
    byVolatility.set(name, (byVolatility.get(name) ?? 0) + (law.weights[k] as number))
  }
  print(
    `    ${fit.history.length} steps, gap ${fit.gap.toExponential(1)}; weights ` +
      [...byVolatility].map(([name, weight]) => `${name}: ${weight.toFixed(3)}`).join(', '),
  )
  return score(test, (row, h) => p[row * test.questions + h] as number)
}

async function run(): Promise<void> {
  const { bars } = await readBars(FILE)
  const { table } = buildSignals(bars, { thresholds: [0.5, 1] })
  const days = regularDays(bars)
  const sessions = days.map(sessionBars)
  print(`${days.length} sessions, ${table.rows} touches`)
  for (const {
    name,
    train: trained,
    test: [from, to],
    floor,
  } of SPLITS) {
    const started = process.cpuUsage()
    const volatility = fitVolatility(sessions.slice(0, trained))
    const forecasts = forecastSessions(volatility, sessions)
    const all = touchMoments({ days, forecasts, touches: table, spec: SPEC })
    const train = selectMoments(all, (row) => (all.session[row] as number) < trained)
    const test = selectMoments(all, (row) => (all.session[row] as number) >= from && (all.session[row] as number) < to)
    const rates = baseRates(train)
    print(
      `${name}: sessions 0-${trained - 1}, tested ${from}-${to - 1}; rows ${train.session.length} / ${test.session.length}`,
    )
    print(`  base rate            ${show(score(test, (_, h) => rates[h] as number))}`)
    const diffusions = defaultExperts().filter(({ kind }) => kind === 'diffusion')
    print(`  law without jumps    ${show(lawScore(diffusions, train, test))}`)
    print(`  law                  ${show(lawScore(defaultExperts(), train, test))}`)
    print(`  floor of a prototype ${show(floor)}`)
    const { user, system } = process.cpuUsage(started)
    print(`  ${((user + system) / 1e6).toFixed(1)} s of processor time`)
  }
}

if (existsSync(FILE)) await run()
else print('not run: ../shared/data/spy_1m_rth_2024_2025 is absent')
