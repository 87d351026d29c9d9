// Law, volatility and tilt of moments after touches on real one-minute bars: mean log loss over 24 reach heads, of tradeable and of
// direction, on sessions that nothing was fitted on, beside the base rate and, with --heads, beside 26 independent ensembles on
// the same columns. A and B need ../shared/data/spy_1m_rth_2024_2025, or --data for the folder that holds it. S is the simulation with
// planted effects of `npm start` (data/ml/demo, or --simulation for its folder), once more without its physics: a tilt must find what was
// planted, and nothing where it cannot be seen. With --shuffle seed, features belong to other sessions: they must add nothing. With
// --shuffle-outcomes seed, outcomes belong to other moments to which the law gives like odds and volatility: a tilt must add nothing at all.
// What is absent is skipped, and said so. Run with: npm run bench -- path --heads, or npm run bench -- path --split A.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { DEFAULT_HORIZONS, type Matrix, MOMENT_NUMBERS, numbersOf, parseSchema } from '@breakwater/features'
import { readBars, readTable } from '@breakwater/features/parquet'
import { fitPathLaw, forecastPath, type HeadSpec, type PathLawFit, probabilityHeads } from '@breakwater/models'
import { incoherence } from '@breakwater/passage'
import { predict, trainHeads } from '@breakwater/trees'
import { uniforms } from '../test/seeded.ts'
import {
  type Split,
  type SplitMoments,
  scoredRows,
  shuffledOutcomes,
  shuffledSessions,
  splitMoments,
  type Touches,
  touchesIn,
} from './path-rows.ts'
import { differenceOf, type Forecast, type Losses, lossesOf, scoreOf } from './path-scores.ts'

const { values: given } = parseArgs({
  options: {
    data: { type: 'string' },
    split: { type: 'string' },
    heads: { type: 'boolean' },
    seed: { type: 'string' },
    simulation: { type: 'string' },
    shuffle: { type: 'string' },
    'shuffle-outcomes': { type: 'string' },
  },
  strict: false,
})
const root = join(import.meta.dirname, '../../..')
const DATA = typeof given.data === 'string' ? given.data : join(root, '../shared/data')
const FILE = join(DATA, 'spy_1m_rth_2024_2025', 'SPY_1m.parquet')
const SIMULATION = typeof given.simulation === 'string' ? given.simulation : join(root, 'data/ml/demo')
const SPEC: HeadSpec = { thresholds: [0.5, 1], horizons: DEFAULT_HORIZONS, window: 480 }
const SIMULATED: HeadSpec = { ...SPEC, thresholds: [1, 2] }
const SEED = typeof given.seed === 'string' ? Number(given.seed) : 1
const SPLITS: readonly Split[] = [
  { name: 'A', train: 150, validation: 180, test: 256 },
  { name: 'B', train: 90, validation: 110, test: 180 },
]
const S: Split = { name: 'S', train: 24, validation: 28, test: 40 }
const print = (line: string): void => void process.stdout.write(`${line}\n`)
const show = (values: readonly number[]): string => values.map((value) => value.toFixed(4)).join(' / ')
const signed = (value: number): string => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4)}`

let started = process.cpuUsage()
function cpuSeconds(): string {
  const { user, system } = process.cpuUsage(started)
  started = process.cpuUsage()
  return ((user + system) / 1e6).toFixed(1)
}

function baseRates({ labels, sessions, train }: SplitMoments): Forecast {
  const heads = labels.length / sessions.length
  const [ones, all] = [new Float64Array(heads), new Float64Array(heads)]
  for (let row = 0; row < sessions.length; row++) {
    if (train[row] === 0) continue
    for (let h = 0; h < heads; h++) {
      const label = labels[row * heads + h] as number
      if (label < 0) continue
      ones[h] = (ones[h] as number) + label
      all[h] = (all[h] as number) + 1
    }
  }
  return (_, h) => (ones[h] as number) / (all[h] as number)
}

type Parts = Parameters<typeof forecastPath>[3]

function lawForecast({ path }: PathLawFit, { table, features }: SplitMoments, parts: Parts): Forecast {
  const { columns } = forecastPath(path, table, features, parts)
  const names = probabilityHeads(path.spec)
  const ordered = names.map((name) => columns.get(name))
  return (row, h) => ordered[h]?.[row] ?? Number.NaN
}

const HEAD_OPTIONS = {
  rounds: 400,
  learningRate: 0.06,
  maxDepth: 5,
  minRowsPerLeaf: 50,
  maxBins: 127,
  earlyStoppingRounds: 25,
}

/** One ensemble a head, on the features and the numbers of a moment: what is known without a law. */
async function independentHeads(moments: SplitMoments): Promise<Forecast> {
  const { labels, train, validation } = moments
  const names = probabilityHeads(SPEC)
  const matrix = withNumbers(moments)
  const heads = names.map((name, h) => {
    const label = Float32Array.from({ length: matrix.rows }, (_, row) => labels[row * names.length + h] as number)
    const known = (mask: Uint8Array): Uint8Array =>
      mask.map((bit, row) => Number(bit !== 0 && (label[row] as number) >= 0))
    return { name, objective: 'logistic' as const, labels: label, train: known(train), validation: known(validation) }
  })
  const results = await trainHeads(matrix, heads, HEAD_OPTIONS)
  const columns = results.map((result) => (result.status === 'trained' ? predict(result.model, matrix) : null))
  return (row, h) => columns[h]?.[row] ?? Number.NaN
}

function withNumbers({ table, features }: SplitMoments): Matrix {
  const values = new Float32Array((MOMENT_NUMBERS.length + features.columns.length) * table.rows)
  for (const [c, name] of MOMENT_NUMBERS.entries()) values.set(numbersOf(table, name), c * table.rows)
  values.set(features.values, MOMENT_NUMBERS.length * table.rows)
  return { columns: [...MOMENT_NUMBERS, ...features.columns], rows: table.rows, values }
}

function worstIncoherence(forecast: Forecast, rows: readonly number[]): number {
  const heads = probabilityHeads(SPEC).length
  let worst = 0
  for (const row of rows) {
    const values = Float64Array.from({ length: heads + 4 }, (_, h) => (h < heads ? forecast(row, h) : 0))
    worst = Math.max(worst, incoherence(SPEC, values))
  }
  return worst
}

async function run(touches: Touches, split: Split, spec: HeadSpec): Promise<void> {
  const inOrder = splitMoments(touches, spec, split)
  const moments = await changed(inOrder, spec)
  const rows = scoredRows(moments)
  cpuSeconds()
  const { table, features, profile, train, validation } = moments
  const request = { moments: table, features, train, validation, spec, profile }
  const fit = await fitPathLaw(request, { seed: SEED, uncertainty: false })
  const cost = cpuSeconds()
  // What is published says how sure it is as well, by ensembles of halves of the sessions; the forecasts are the same.
  await fitPathLaw(request, { seed: SEED })
  print(
    `${split.name}: rows ${fit.rows.train} / ${fit.rows.validation} / ${rows.length}, of which ${fit.effectiveRows.toFixed(0)} ` +
      `unique; ${fit.correctionTrees} trees correct volatility, ${fit.tiltTrees} tilt; ${cost} s of processor time, ` +
      `${cpuSeconds()} s with how sure it is`,
  )
  const law = { correction: false, tilt: false }
  const ways: [string, Forecast][] = [
    ['base rate', baseRates(moments)],
    ['law, regression of volatility', lawForecast(fit, moments, law)],
    ['and corrected volatility', lawForecast(fit, moments, { tilt: false })],
    ['and tilt', lawForecast(fit, moments, {})],
  ]
  if (given.heads === true) {
    cpuSeconds()
    ways.push(['independent heads', await independentHeads(moments)])
    print(`   independent heads: ${cpuSeconds()} s of processor time`)
  }
  const losses = new Map<string, Losses>(ways.map(([name, forecast]) => [name, lossesOf(moments, rows, forecast)]))
  for (const [name, one] of losses) print(`   ${name.padEnd(32)} ${show(scoreOf(one))}`)
  const final = losses.get('and tilt')
  for (const name of ['law, regression of volatility', 'and corrected volatility', 'independent heads']) {
    const other = losses.get(name)
    if (final === undefined || other === undefined) continue
    const difference = scoreOf(final).map((score, part) => score - (scoreOf(other)[part] as number))
    const intervals = differenceOf(final, other, uniforms(0))
    const texts = difference.map(
      (value, part) => `${signed(value)} [${(intervals[part] ?? []).map((bound) => signed(bound)).join(', ')}]`,
    )
    print(`   last minus ${name}: ${texts.join(' / ')}`)
  }
  const worst = worstIncoherence(ways[3]?.[1] ?? (() => Number.NaN), rows)
  print(`   most incoherent value: ${worst.toExponential(1)}`)
  if (!(worst <= 1e-9)) throw new Error(`bench: incoherent by ${worst}`)
}

/** The moments as they are, or shuffled as the options ask. */
async function changed(moments: SplitMoments, spec: HeadSpec): Promise<SplitMoments> {
  if (given.shuffle !== undefined) return shuffledSessions(moments, Number(given.shuffle))
  if (given['shuffle-outcomes'] === undefined) return moments
  const { table, features, profile, train, validation } = moments
  const fit = await fitPathLaw(
    { moments: table, features, train, validation, spec, profile },
    { seed: SEED, uncertainty: false },
  )
  const { columns, sigma } = forecastPath(fit.path, table, features, { tilt: false })
  const direction = columns.get('direction') ?? new Float64Array()
  return shuffledOutcomes(moments, [direction, sigma], { seed: Number(given['shuffle-outcomes']), spec })
}

/** Seeds of trees by which the few sessions of S are looked at once more. */
const SEEDS = [1, 2, 3, 4, 5, 6]

const across = (all: readonly (readonly number[])[], pick: (values: readonly number[]) => number): number[] =>
  [0, 1, 2].map((part) => pick(all.map((one) => one[part] as number)))

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** What the seed of the trees alone changes: the last row, and what the tilt saves beyond the law under the same forecast. */
async function bySeed(touches: Touches, split: Split, spec: HeadSpec): Promise<void> {
  const moments = splitMoments(touches, spec, split)
  const { table, features, profile, train, validation } = moments
  const rows = scoredRows(moments)
  const [finals, saved]: [number[][], number[][]] = [[], []]
  for (const seed of SEEDS) {
    const fit = await fitPathLaw(
      { moments: table, features, train, validation, spec, profile },
      { seed, uncertainty: false },
    )
    const [law, last] = [{ tilt: false }, {}].map((parts) =>
      scoreOf(lossesOf(moments, rows, lawForecast(fit, moments, parts))),
    ) as unknown as [readonly number[], readonly number[]]
    finals.push([...last])
    saved.push(last.map((score, part) => (law[part] as number) - score))
  }
  const least = across(finals, (values) => Math.min(...values))
  const most = across(finals, (values) => Math.max(...values))
  print(
    `${split.name}, seeds ${SEEDS[0]} to ${SEEDS.at(-1)}: mean ${show(across(finals, mean))}, from ${show(least)} to ${show(most)}; ` +
      `the tilt saves ${show(across(saved, mean))} in the mean`,
  )
}

const wanted = (split: Split): boolean => given.split === undefined || given.split === split.name
const schema = parseSchema(JSON.parse(readFileSync(join(root, 'data/features.json'), 'utf8')))
if (!existsSync(FILE)) print('A and B not run: ../shared/data/spy_1m_rth_2024_2025 is absent')
else if (SPLITS.some(wanted)) {
  const { bars } = await readBars(FILE)
  const touches = touchesIn(bars, schema, SPEC.thresholds)
  print(`${touches.signals.rows} touches`)
  for (const split of SPLITS) if (wanted(split)) await run(touches, split, SPEC)
}
if (!existsSync(join(SIMULATION, 'physics.parquet'))) print(`S not run: ${SIMULATION} is absent. npm start makes it.`)
else if (wanted(S)) {
  const { bars } = await readBars(join(SIMULATION, 'bars.parquet'))
  const { table: physics } = await readTable(join(SIMULATION, 'physics.parquet'))
  const withPhysics = touchesIn(bars, schema, SIMULATED.thresholds, physics)
  await run(withPhysics, S, SIMULATED)
  await bySeed(withPhysics, S, SIMULATED)
  await run(touchesIn(bars, schema, SIMULATED.thresholds), { ...S, name: 'S without physics' }, SIMULATED)
}
