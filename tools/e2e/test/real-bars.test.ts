import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashes, ROOT, temporaryFolder, trainerJson } from './run-trainer.ts'

/**
 * The whole job on real one-minute bars. First touches of a level resolve about evenly there, so nothing here asserts an
 * edge: only structure and honesty.
 */
const DATA = join(ROOT, '..', 'shared', 'data')

interface SignalsResult {
  readonly output: string
  readonly rows: number
  readonly sessions: number
  readonly firstDate: string
  readonly lastDate: string
}

interface TrainResult {
  readonly data: { readonly dates: readonly string[]; readonly hash: string }
  readonly sets: readonly {
    readonly metadata: string
    readonly plan: { readonly folds: readonly Fold[] }
    readonly heads: readonly { readonly name: string; readonly used: number; readonly masked: Record<string, number> }[]
    readonly quality: { readonly missing: Record<string, number>; readonly rows: number }
  }[]
}

interface Fold {
  readonly train: readonly string[]
  readonly validation: readonly string[]
  readonly test: readonly string[]
}

interface EvaluateResult {
  readonly json: string
  readonly html: string
  readonly evaluation: {
    readonly sets: readonly {
      readonly source: string
      readonly heads: readonly { readonly name: string; readonly status: string; readonly rows?: number }[]
    }[]
  }
}

const CASES = [
  {
    name: 'spy_1m_ext_2024: 63 sessions with extended hours across the clock change',
    bars: join(DATA, 'spy_1m_ext_2024', 'SPY_1min.csv'),
    sessions: 63,
    first: '2024-02-20',
    last: '2024-05-17',
    preMarketFrom: '2024-02-20',
    halfDays: [],
  },
  {
    name: 'spy_1m_rth_2024_2025: 256 sessions, half days, the last one cut short',
    bars: join(DATA, 'spy_1m_rth_2024_2025', 'SPY_1m.parquet'),
    sessions: 256,
    first: '2024-03-26',
    last: '2025-04-02',
    preMarketFrom: '2025-03-26',
    halfDays: ['2024-07-03', '2024-11-29', '2024-12-24'],
  },
] as const

// A reproducible run: the clock that is written into files stands still.
const env = { SOURCE_DATE_EPOCH: '1700000000' }
const HEADS = ['--anchors', '4min', '--horizons', '60', '300', '--rounds', '25', '--max-depth', '4']
// Each inner fold fits a law on a year of bars once more; one is enough to make the same bytes of.
const TRAIN = [...HEADS, '--folds', '2', '--calibration-folds', '1']

describe.each(CASES)('$name', ({ bars, sessions, first, last, preMarketFrom, halfDays }) => {
  const present = existsSync(bars)
  const folder = temporaryFolder()
  const signalsFile = join(folder.path, 'signals.parquet')
  const models = join(folder.path, 'models')
  let signals: SignalsResult
  let trained: TrainResult
  let evaluated: EvaluateResult

  beforeAll(async () => {
    if (!present) return
    signals = await trainerJson(['signals', '--bars', bars, '--thresholds', '0.5', '1', '--output', signalsFile], {
      env,
    })
    trained = await trainerJson(['train', '--data-path', signalsFile, '--output-dir', models, ...TRAIN], { env })
    evaluated = await trainerJson(
      ['evaluate', '--data-path', signalsFile, '--model-dir', models, '--output-dir', join(folder.path, 'reports')],
      { env },
    )
  })
  afterAll(folder.remove)

  test.skipIf(!present)('every session is found (skipped without ../shared/data)', () => {
    expect(signals).toMatchObject({ sessions, firstDate: first, lastDate: last })
    // Round dollars alone are touched tens of times a session, and each minute gives each level at most one touch.
    expect(signals.rows / sessions).toBeGreaterThan(40)
    expect(signals.rows / sessions).toBeLessThan(1500)
  })

  test.skipIf(!present)(
    'touches lie inside sessions, levels inside their bars, labels end with the session',
    async () => {
      const { readTable } = await import('@breakwater/features/parquet')
      const { table } = await readTable(signalsFile)
      const number = (name: string): ArrayLike<number> => {
        const column = table.columns[name]
        return column?.type === 'number' ? column.values : []
      }
      const text = (name: string): readonly (string | undefined)[] => {
        const column = table.columns[name]
        return column?.type === 'string' ? Array.from(column.codes, (code) => column.dictionary[code]) : []
      }
      const [minutes, spot, level, window] = ['bars_since_open', 'spot', 'level_price', 'window_s_8min'].map(number)
      const dates = text('date')
      const levelKinds = text('level_kind_name')
      const kinds = new Set(levelKinds)
      for (const kind of [
        'PM_HIGH',
        'PM_LOW',
        'OR_HIGH',
        'OR_LOW',
        'SESSION_HIGH',
        'SESSION_LOW',
        'VWAP',
        'ROUND',
        'SMA_200',
        'SMA_400',
      ]) {
        expect(kinds).toContain(kind)
      }
      const withPreMarket = dates.filter((_, row) => levelKinds[row] === 'PM_HIGH')
      expect(withPreMarket.filter((date = '') => date < preMarketFrom)).toEqual([])
      for (let row = 0; row < table.rows; row++) {
        const length = halfDays.includes((dates[row] ?? '') as never) ? 210 : 390
        const minute = minutes?.[row] ?? Number.NaN
        expect(minute).toBeGreaterThanOrEqual(0)
        expect(minute).toBeLessThan(length)
        expect(Math.abs((spot?.[row] ?? 0) - (level?.[row] ?? 0))).toBeLessThanOrEqual(0.25 + 1e-9)
        // The window opens 8 minutes after the touch minute and lasts 8: it cannot run past the close.
        expect(window?.[row]).toBeLessThanOrEqual(Math.max(0, Math.min(8, length - minute - 8)) * 60)
      }
    },
  )

  test.skipIf(!present)('order-book columns are missing, not zero', () => {
    const [set] = trained.sets
    for (const column of ['tape_imbalance', 'wall_ratio', 'gamma_exposure', 'barrier_delta_liq']) {
      expect(set?.quality.missing[column]).toBe(signals.rows)
    }
  })

  test.skipIf(!present)('each test date is scored by a model that never saw it', () => {
    const [set] = trained.sets
    const tested = new Set<string>()
    for (const fold of set?.plan.folds ?? []) {
      const seen = [...fold.train, ...fold.validation]
      for (const date of fold.test) {
        expect(tested).not.toContain(date)
        tested.add(date)
        for (const earlier of seen) expect(earlier < date).toBe(true)
      }
    }
    expect(tested.size).toBeGreaterThan(sessions / 3)
    expect(evaluated.evaluation.sets[0]?.source).toBe('out of fold')
    expect(evaluated.evaluation.sets[0]?.heads.map(({ name, status }) => [name, status])).toContainEqual([
      'direction',
      'scored',
    ])
  })

  test.skipIf(!present)('rows near the close are masked, with their reason counted', () => {
    for (const head of trained.sets[0]?.heads ?? []) {
      const masked = Object.values(head.masked).reduce((sum, rows) => sum + rows, 0)
      expect(head.used + masked).toBe(signals.rows)
      expect(masked).toBeGreaterThan(0)
    }
  })

  test.skipIf(!present)('the report holds no NaN and reaches for no network', () => {
    const html = readFileSync(evaluated.html, 'utf8')
    expect(html).not.toMatch(/NaN|>\s*undefined\s*</)
    expect(html).not.toMatch(/(src|href)\s*=\s*"https?:/)
    expect(html).toContain('<svg')
    expect(readFileSync(evaluated.json, 'utf8')).not.toMatch(/NaN|Infinity/)
  })

  // The shorter set shows it; a year of bars, trained twice, would be the longest test there is.
  test.skipIf(!present || sessions > 100)('two runs with one seed write the same bytes', async () => {
    const again = join(folder.path, 'again')
    await trainerJson(['train', '--data-path', signalsFile, '--output-dir', again, ...TRAIN, '--threads', '1'], { env })
    expect(hashes(again)).toEqual(hashes(models))
    expect(Object.keys(hashes(models)).length).toBeGreaterThan(10)
  })
})
