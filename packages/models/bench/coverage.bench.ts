// Do the intervals of published probabilities hold on real one-minute bars? No moment's probability is known there, so two things are counted on
// sessions that nothing was fitted on. Cells: how often the rate that was observed in a cell of question x place of price x tenth of the
// probability lies within what the intervals and sampling allow. Halves: how often laws of every other two training sessions and of the rest
// agree within their intervals. After touches (24 reach heads, tradeable, direction) and before them (P(touch) within each horizon as it is
// published live, its volatility shifted where training keeps the trees of `fitApproach`, and by the law alone). Needs
// ../shared/data/spy_1m_rth_2024_2025, or --data for the folder that holds it; says so and ends where it is absent.
// Run with: npm run bench -- coverage, or npm run bench -- coverage --split A.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  approachMoments,
  type Bars,
  collectMoments,
  DEFAULT_HORIZONS,
  MOMENT_NUMBERS,
  numbersOf,
  parseSchema,
  touchMoments,
} from '@breakwater/features'
import { readBars } from '@breakwater/features/parquet'
import {
  calibrateLaw,
  fitApproach,
  fitPathLaw,
  forecastPath,
  type HeadSpec,
  type PathLaw,
  pathForecaster,
  probabilityHeads,
} from '@breakwater/models'
import { agreement, cellCoverage, type Published } from './coverage-cells.ts'
import { scoredRows, type Split, splitMoments, type SplitMoments, type Touches, touchesIn } from './path-rows.ts'

const { values: given } = parseArgs({
  options: { data: { type: 'string' }, split: { type: 'string' } },
  strict: false,
})
const root = join(import.meta.dirname, '../../..')
const DATA = typeof given.data === 'string' ? given.data : join(root, '../shared/data')
const FILE = join(DATA, 'spy_1m_rth_2024_2025', 'SPY_1m.parquet')
const SPEC: HeadSpec = { thresholds: [0.5, 1], horizons: DEFAULT_HORIZONS, window: 480 }
const SPLITS: readonly Split[] = [
  { name: 'A', train: 150, validation: 180, test: 256 },
  { name: 'B', train: 90, validation: 110, test: 180 },
]
/** As in the signals. */
const TOUCH_BAND = 0.1
const SEED = 1
const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** A law of the training sessions of a mask, stopped on and calibrated by the validation sessions of the split, with its shift of P(touch). */
async function lawOf(
  { bars, signals }: Touches,
  moments: SplitMoments,
  split: Split,
  train: Uint8Array,
): Promise<PathLaw> {
  const { table, features, encoding, profile, validation, sessions } = moments
  const { path } = await fitPathLaw(
    { moments: table, features, train, validation, spec: SPEC, profile },
    { seed: SEED },
  )
  const { calibration } = calibrateLaw({ path, moments: table, sessions, features, rows: validation })
  const { volatility, drift, power } = calibration
  print(`   calibrated by volatility ${volatility.toFixed(3)}, drift ${drift.toFixed(3)}, power ${power.toFixed(3)}`)
  const calibrated = { ...path, calibration }
  const { thresholds, window } = SPEC
  const dates = [...touchMoments(bars, signals, { thresholds, lookforward: window / 60 })].map(({ date }) => date)
  const trained = new Set(sessions.filter((_, row) => train[row] !== 0))
  const { shift, fit } = await fitApproach(
    {
      law: { path: calibrated, features: encoding },
      signals: { table: signals, thresholds, lookforwardSeconds: window, bars },
      dates: {
        train: new Set(dates.filter((_, session) => trained.has(session))),
        validation: new Set(dates.slice(split.train, split.validation)),
        calibration: new Set(),
        test: new Set(),
      },
    },
    { seed: SEED },
  )
  print(`   ${fit.reason}`)
  return { ...calibrated, approach: shift }
}

/** What a law says after the touches of the test sessions, head by head. */
function afterTouches(path: PathLaw, moments: SplitMoments): Published[] {
  const { table, features, labels, sessions } = moments
  const { columns, low, high } = forecastPath(path, table, features, { intervals: true })
  const heads = probabilityHeads(SPEC)
  const moved = numbersOf(table, 'moved')
  const scored = scoredRows(moments)
  return heads.map((name, h) => {
    const rows = scored.filter((row) => (labels[row * heads.length + h] as number) >= 0)
    const at = (column: Float64Array | undefined): number[] => rows.map((row) => column?.[row] ?? Number.NaN)
    return {
      name,
      p: at(columns.get(name)),
      low: at(low.get(name)),
      high: at(high.get(name)),
      outcome: rows.map((row) => labels[row * heads.length + h] as number),
      session: rows.map((row) => sessions[row] as number),
      place: rows.map((row) => placeOf(moved[row] as number, [-SPEC.thresholds[0], 0, SPEC.thresholds[0]])),
    }
  })
}

const placeOf = (value: number, edges: readonly number[]): number => edges.filter((edge) => value >= edge).length

/** What it says before touches, horizon by horizon, as a live target has it. */
function beforeTouches(path: PathLaw, { encoding }: SplitMoments, bars: Bars, split: Split): Published[] {
  const { profile } = path.volatility
  const approaches = approachMoments(bars, { thresholds: SPEC.thresholds, ...(profile === null ? {} : { profile }) })
  const { table, sessions } = collectMoments(approaches)
  const forecaster = pathForecaster({ path, features: encoding }, { touchBand: TOUCH_BAND })
  const columns = MOMENT_NUMBERS.map((name) => numbersOf(table, name))
  const [price, window, time, moved] = ['level_price', 'window_s', 'time_to_touch', 'moved'].map((name) =>
    numbersOf(table, name),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array]
  const size = forecaster.heads.length
  const out = { values: new Float64Array(size), low: new Float64Array(size), high: new Float64Array(size) }
  const questions = SPEC.horizons.map((horizon) => ({ horizon, ...empty(`p_touch_${horizon}s`) }))
  for (let row = 0; row < table.rows; row++) {
    const session = sessions[row] as number
    const distance = -(moved[row] as number)
    if (session < split.validation || session >= split.test || !(distance > TOUCH_BAND)) continue
    const numbers = columns.map((column) => column[row] as number)
    const approach = Float64Array.from(numbers)
    forecaster.forecast({ numbers: approach, price: price[row] as number, row: null, approach }, out)
    for (const [j, question] of questions.entries()) {
      if (!((window[row] as number) >= question.horizon)) continue
      const at = size - questions.length + j
      question.p.push(out.values[at] as number)
      question.low.push(out.low[at] as number)
      question.high.push(out.high[at] as number)
      question.outcome.push(Number((time[row] as number) + 60 <= question.horizon))
      question.session.push(session)
      question.place.push(placeOf(distance, [0.3, 0.6]))
    }
  }
  return questions
}

type Growing = { readonly [key in keyof Omit<Published, 'name'>]: number[] } & { readonly name: string }

const empty = (name: string): Growing => ({ name, p: [], low: [], high: [], outcome: [], session: [], place: [] })

const share = (part: number, whole: number): string => `${part} of ${whole} (${((100 * part) / whole).toFixed(1)}%)`

function printCells(name: string, questions: readonly Published[]): void {
  const { cells, bySampling, byBoth, distance, half } = cellCoverage(questions)
  print(
    `   ${name.padEnd(10)} within sampling and interval ${share(byBoth, cells)}, within sampling alone ${share(bySampling, cells)}; ` +
      `mean distance ${distance.toFixed(4)}, mean half interval ${half.toFixed(4)}`,
  )
}

function printHalves(name: string, one: readonly Published[], other: readonly Published[]): void {
  const all = one.map((question, i) => agreement(question, other[i] as Published))
  const [agree, asked] = [all.reduce((sum, { agree: n }) => sum + n, 0), all.reduce((sum, { asked: n }) => sum + n, 0)]
  print(`   ${name.padEnd(10)} halves agree at ${share(agree, asked)} moments and questions`)
}

const alone = (question: Published): Published => ({ ...question, name: `law ${question.name}` })

const KINDS: readonly (readonly [name: string, isOf: (head: string) => boolean])[] = [
  ['reach', (head) => head.startsWith('t1') || head.startsWith('t2')],
  ['tradeable', (head) => head.startsWith('tradeable')],
  ['direction', (head) => head.startsWith('direction')],
  ['p_touch', (head) => head.startsWith('p_touch')],
  ['law alone', (head) => head.startsWith('law p_touch')],
]

async function run(touches: Touches, split: Split): Promise<void> {
  const moments = splitMoments(touches, SPEC, split)
  const { train, sessions } = moments
  const published = async (mask: Uint8Array): Promise<Published[]> => {
    const path = await lawOf(touches, moments, split, mask)
    const ahead = beforeTouches(path, moments, touches.bars, split)
    if (path.approach === null) return [...afterTouches(path, moments), ...ahead, ...ahead.map(alone)]
    const unshifted = beforeTouches({ ...path, approach: null }, moments, touches.bars, split)
    return [...afterTouches(path, moments), ...ahead, ...unshifted.map(alone)]
  }
  const whole = await published(train)
  // The trees before touches are chosen by every other session, so each half has both kinds.
  const halves = await Promise.all(
    [0, 1].map(async (half) =>
      published(train.map((bit, row) => Number(bit !== 0 && Math.trunc((sessions[row] as number) / 2) % 2 === half))),
    ),
  )
  print(`${split.name}: ${split.test - split.validation} test sessions`)
  for (const [name, isOf] of KINDS) {
    const of = (all: readonly Published[] | undefined): Published[] => (all ?? []).filter((one) => isOf(one.name))
    printCells(name, of(whole))
    printHalves(name, of(halves[0]), of(halves[1]))
  }
}

if (existsSync(FILE)) {
  const schema = parseSchema(JSON.parse(readFileSync(join(root, 'data/features.json'), 'utf8')))
  const { bars } = await readBars(FILE)
  const touches = touchesIn(bars, schema, [0.5, 1])
  for (const split of SPLITS) if (given.split === undefined || given.split === split.name) await run(touches, split)
} else print('not run: ../shared/data/spy_1m_rth_2024_2025 is absent')
