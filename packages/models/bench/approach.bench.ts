// Does a shift of volatility by trees save log loss of P(touch) before touches, beyond the law alone? On one-minute bars: whether training keeps
// the trees, by validation sessions that they were neither trained nor stopped on, and what they save on the sessions after. A and B are splits of
// SPY and need ../shared/data/spy_1m_rth_2024_2025, or --data for the folder that holds it; S is the simulation that `npm start` makes
// (data/ml/demo, or --simulation for its folder). What is absent is skipped, and said so. Run with: npm run bench -- approach.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Bars, DEFAULT_HORIZONS, parseSchema, type Schema, touchMoments } from '@breakwater/features'
import { readBars, readTable } from '@breakwater/features/parquet'
import { type ApproachScore, calibrateLaw, fitApproach, fitPathLaw, type HeadSpec } from '@breakwater/models'
import { type Split, splitMoments, touchesIn } from './path-rows.ts'

const { values: given } = parseArgs({
  options: { data: { type: 'string' }, simulation: { type: 'string' }, seed: { type: 'string' } },
  strict: false,
})
const root = join(import.meta.dirname, '../../..')
const DATA = typeof given.data === 'string' ? given.data : join(root, '../shared/data')
const FILE = join(DATA, 'spy_1m_rth_2024_2025', 'SPY_1m.parquet')
const SIMULATION = typeof given.simulation === 'string' ? given.simulation : join(root, 'data/ml/demo')
const SEED = typeof given.seed === 'string' ? Number(given.seed) : 1
const WINDOW = 480
const SPLITS: readonly Split[] = [
  { name: 'A', train: 150, validation: 180, test: 256 },
  { name: 'B', train: 90, validation: 110, test: 180 },
  { name: 'C', train: 120, validation: 145, test: 215 },
  { name: 'D', train: 60, validation: 80, test: 140 },
]
const S: Split = { name: 'S', train: 24, validation: 28, test: 40 }
const Z = 1.96
const print = (line: string): void => void process.stdout.write(`${line}\n`)

function show({ law, shifted, saved, standardError, sessions, rows }: ApproachScore): string {
  const [low, high] = [saved - Z * standardError, saved + Z * standardError].map((value) => value.toFixed(4))
  return `law ${law.toFixed(4)}, shifted ${shifted.toFixed(4)}, saved ${saved.toFixed(4)} [${low}, ${high}], ${sessions} sessions, ${rows} moments`
}

interface Source {
  readonly bars: Bars
  readonly physics?: Parameters<typeof touchesIn>[3]
  readonly thresholds: readonly [number, number]
  readonly schema: Schema
}

async function run({ bars, physics, thresholds, schema }: Source, split: Split): Promise<void> {
  const spec: HeadSpec = { thresholds, horizons: DEFAULT_HORIZONS, window: WINDOW }
  const touches = touchesIn(bars, schema, thresholds, physics)
  const moments = splitMoments(touches, spec, split)
  const { table, features, encoding, profile, train, validation, sessions } = moments
  const fitted = await fitPathLaw(
    { moments: table, features, train, validation, spec, profile },
    { seed: SEED, uncertainty: false },
  )
  const { calibration } = calibrateLaw({ path: fitted.path, moments: table, sessions, features, rows: validation })
  const dates = [...touchMoments(bars, touches.signals, { thresholds, lookforward: WINDOW / 60 })].map(
    ({ date }) => date,
  )
  const between = (from: number, to: number): Set<string> => new Set(dates.slice(from, to))
  const started = process.cpuUsage()
  const { fit } = await fitApproach(
    {
      law: { path: { ...fitted.path, calibration }, features: encoding },
      signals: { table: touches.signals, thresholds, lookforwardSeconds: WINDOW, bars },
      dates: {
        train: between(0, split.train),
        validation: between(split.train, split.validation),
        calibration: new Set(),
        test: between(split.validation, split.test),
      },
    },
    { seed: SEED },
  )
  const { user, system } = process.cpuUsage(started)
  print(`${split.name}: ${fit.trees} trees, ${((user + system) / 1e6).toFixed(1)} s of processor time; ${fit.reason}`)
  if (fit.chosen !== null) print(`   to choose by: ${show(fit.chosen)}`)
  if (fit.tested !== null) print(`   tested:       ${show(fit.tested)}`)
}

const schema = parseSchema(JSON.parse(readFileSync(join(root, 'data/features.json'), 'utf8')))
if (existsSync(FILE)) {
  const { bars } = await readBars(FILE)
  for (const split of SPLITS) await run({ bars, thresholds: [0.5, 1], schema }, split)
} else print('A and B not run: ../shared/data/spy_1m_rth_2024_2025 is absent')
if (existsSync(join(SIMULATION, 'physics.parquet'))) {
  const { bars } = await readBars(join(SIMULATION, 'bars.parquet'))
  const { table: physics } = await readTable(join(SIMULATION, 'physics.parquet'))
  await run({ bars, physics, thresholds: [1, 2], schema }, S)
} else print(`S not run: ${SIMULATION} is absent. npm start makes it.`)
