import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeEncoder, MOMENT_NUMBERS, numbersOf } from '@breakwater/features'
import { fitPathLaw, forecastPath, goldenMoments, goldenShifts, type LawOrigin, type SetLaw } from '@breakwater/models'
import { loadLaw, writeLaw } from '@breakwater/models/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inOrder, SPEC, simulateMoments } from './law-paths.ts'

const ORIGIN: LawOrigin = {
  dates: { train: ['2025-01-02'], validation: ['2025-01-03'], calibration: [], test: [] },
  timestamp: '2025-01-04T00:00:00.000Z',
  dataHash: 'simulated',
  gitSha: null,
  libraryVersion: '0.0.0',
  schemaVersion: '2',
}
const NAME = { stage: 'stage_b', ablation: 'full' }
const { table, features } = simulateMoments({ rows: 3000, seed: 3, drift: (feature) => 0.6 * feature })
const fit = await fitPathLaw({ moments: table, features, ...inOrder(3000, 2000, 500), spec: SPEC })
const path = { ...fit.path, calibration: { volatility: 0.1, drift: -0.2, power: 0.8 } }
const law: SetLaw = {
  path,
  features: {
    encoder: makeEncoder(features.columns.map((name) => ({ name, kind: 'number' }))),
    knownAfterS: features.columns.map((_, c) => (c === 3 ? Infinity : 60 * c)),
  },
  golden: goldenMoments(path, table, features),
  goldenShifts: [],
  origin: ORIGIN,
}
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'law-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const write = (): Promise<{ readonly file: string; readonly sha256: string }> => writeLaw(folder, NAME, law)

/** Rewrites the law's file. */
async function change(edit: (content: Record<string, unknown>) => void): Promise<void> {
  const file = join(folder, 'law_stage_b_full.json')
  const content = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  edit(content)
  await writeFile(file, JSON.stringify(content))
}

describe('the files of a law', () => {
  test('give the same forecasts to the bit, and the same bytes when written again', async () => {
    const { file, sha256 } = await write()
    expect(file).toBe('law_stage_b_full.json')
    const loaded = await loadLaw(folder, NAME, sha256)
    expect(loaded).toEqual(law)
    expect(forecastPath(loaded.path, table, features)).toEqual(forecastPath(path, table, features))
    expect((await write()).sha256).toBe(sha256)
  })

  test('hold a law without trees', async () => {
    const bare = { ...path, tilt: null, correction: null, features: [] }
    const other = { path: bare, features: null, golden: goldenMoments(bare, table), goldenShifts: [], origin: ORIGIN }
    const { files } = await writeLaw(folder, { stage: 'stage_a', ablation: 'full' }, other)
    expect(files).toEqual(['law_stage_a_full.json'])
    expect(await loadLaw(folder, { stage: 'stage_a', ablation: 'full' })).toEqual(other)
  })

  test('hold the trees that shift P(touch), and are refused where their shifts come out otherwise', async () => {
    if (path.correction === null) throw new Error('the fit keeps a correction')
    const shifted = { ...path, approach: { trees: path.correction, scale: 0.7 } }
    const ahead = MOMENT_NUMBERS.map((column) =>
      column === 'elapsed_s' ? Number.NaN : (numbersOf(table, column)[0] ?? Number.NaN),
    )
    const moments = [{ numbers: ahead, price: 500 }]
    const other = { ...law, path: shifted, goldenShifts: goldenShifts({ ...law, path: shifted }, moments) }
    expect(other.goldenShifts[0]?.shift).not.toBe(0)
    const { files } = await writeLaw(folder, NAME, other)
    expect(files).toContain('law_approach_stage_b_full.onnx')
    expect(await loadLaw(folder, NAME)).toEqual(other)
    await change((content) => (content['approachScale'] = 0.5))
    await expect(loadLaw(folder, NAME)).rejects.toThrow(/golden moment 0 before a touch: its shift is \S+ here and was/)
  })

  test('are refused where a hash differs', async () => {
    const { sha256 } = await write()
    await change((content) => (content['tiltScale'] = 2))
    await expect(loadLaw(folder, NAME, sha256)).rejects.toThrow(
      'law_stage_b_full.json: its SHA-256 is not the one recorded: it was changed after training. Train again.',
    )
    await write()
    await writeFile(join(folder, 'law_tilt_stage_b_full.onnx'), 'other')
    await expect(loadLaw(folder, NAME)).rejects.toThrow(
      'law_tilt_stage_b_full.onnx: its SHA-256 is not the one recorded',
    )
  })

  test('are refused where golden moments come out otherwise', async () => {
    await write()
    await change((content) => (content['tiltScale'] = 2 * Number(content['tiltScale'])))
    await expect(loadLaw(folder, NAME)).rejects.toThrow(
      /golden moment 0, value \d+: is \S+ here and was \S+ when written\. Train again\./,
    )
  })

  test('are refused where the layout is another', async () => {
    await write()
    await change((content) => (content['version'] = 9))
    await expect(loadLaw(folder, NAME)).rejects.toThrow('Is it a law of version 3? Train again.')
    await write()
    await change((content) => (content['code'] = 'process.exit()'))
    await expect(loadLaw(folder, NAME)).rejects.toThrow('Unrecognized key: "code"')
    await rm(join(folder, 'law_stage_b_full.json'))
    await expect(loadLaw(folder, NAME)).rejects.toThrow(
      'law_stage_b_full.json: the file is missing. Train again, or restore it.',
    )
  })
})
