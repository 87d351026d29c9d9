import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encoderFromJson, encoderToJson, MOMENT_NUMBERS } from '@breakwater/features'
import { replaceFile } from '@breakwater/formats/node'
import { DIRECTIONS, lawFromJson } from '@breakwater/passage'
import { type BundleDescription, decodeBundle, encodeBundle, type TreeModel } from '@breakwater/trees'
import { sha256 } from '@breakwater/trees/node'
import { z } from 'zod'
import { lawFiles, type SetName } from '../names.ts'
import type { LawFeatures } from './columns.ts'
import type { PathLaw } from './fit.ts'
import type { LawOrigin, SetLaw } from './forecaster.ts'
import { checkGolden } from './golden.ts'
import { checkShifts } from './golden-shifts.ts'
import { VOLATILITY_REGRESSORS } from './regression.ts'

/** Version of law_{stage}_{ablation}.json; a reader refuses another. */
export const LAW_FILE_VERSION = 3

const TREES = ['correction', 'tilt', 'approach'] as const
type TreesRole = (typeof TREES)[number]

const number = z.number()
const parts = z.strictObject({ weights: number.min(0), trees: number.min(0), groups: number.min(0) })
const dates = z.array(z.string())
const treesFile = z.strictObject({ file: z.string().min(1), sha256: z.string().regex(/^[0-9a-f]{64}$/) }).nullable()
const layout = z.strictObject({
  format: z.literal('breakwater-law'),
  version: z.literal(LAW_FILE_VERSION),
  spec: z.strictObject({
    thresholds: z.tuple([number.positive(), number.positive()]),
    horizons: z.array(number.positive()).min(1),
    window: number.positive(),
  }),
  law: z.json(),
  volatility: z.strictObject({
    coefficients: z.array(number).length(VOLATILITY_REGRESSORS.length),
    means: z.array(number).length(VOLATILITY_REGRESSORS.length),
    profile: z.array(number.positive()).min(1).nullable(),
  }),
  features: z.strictObject({ encoder: z.json(), knownAfterS: z.array(number.nullable()) }).nullable(),
  tiltScale: number.positive(),
  approachScale: number.positive().nullable(),
  calibration: z.strictObject({ volatility: number, drift: number, power: number.positive() }),
  uncertainty: z
    .strictObject({
      covariance: z.array(number).length(DIRECTIONS.length ** 2),
      parts: z.strictObject({ scale: parts, drift: parts }),
      direction: number.min(0),
      sessions: z.strictObject({ train: number, validation: number }),
    })
    .nullable(),
  trees: z.strictObject({ correction: treesFile, tilt: treesFile, approach: treesFile }),
  golden: z.array(
    z.strictObject({
      numbers: z.record(z.string(), number.nullable()),
      features: z.array(number.nullable()),
      surface: z.array(number),
    }),
  ),
  goldenShifts: z.array(
    z.strictObject({ numbers: z.array(number.nullable()).length(MOMENT_NUMBERS.length), price: number, shift: number }),
  ),
  origin: z.strictObject({
    dates: z.strictObject({ train: dates, validation: dates, calibration: dates, test: dates }),
    timestamp: z.string(),
    dataHash: z.string(),
    gitSha: z.string().nullable(),
    libraryVersion: z.string(),
    schemaVersion: z.string(),
  }),
})

/** A law on disk: its file, which names and hashes the files of its trees, and the names of all of them. */
export interface LawFile {
  readonly file: string
  readonly sha256: string
  readonly files: readonly string[]
}

/**
 * Writes a law to `folder`: trees as ONNX files, then law_{stage}_{ablation}.json with the rest and their hashes. Each file
 * is whole or absent. The same law gives the same bytes.
 */
export async function writeLaw(folder: string, name: SetName, setLaw: SetLaw): Promise<LawFile> {
  const { path, origin, golden, goldenShifts } = setLaw
  const files = lawFiles(name)
  const trees: Partial<Record<TreesRole, { readonly file: string; readonly sha256: string } | null>> = {}
  for (const role of TREES) {
    const model = treesOf(path, role)
    if (model !== null) {
      const bytes = encodeBundle({ model, description: description(role, model, { ...name, origin }) })
      await replaceFile(join(folder, files[role]), bytes)
      trees[role] = { file: files[role], sha256: sha256(bytes) }
    } else trees[role] = null
  }
  const { spec, law, volatility, tiltScale, calibration, uncertainty } = path
  const content = {
    format: 'breakwater-law',
    version: LAW_FILE_VERSION,
    spec,
    law,
    volatility,
    features: setLaw.features === null ? null : featuresJson(setLaw.features),
    tiltScale,
    approachScale: path.approach?.scale ?? null,
    calibration,
    uncertainty,
    trees,
    golden,
    goldenShifts,
    origin,
  }
  const text = `${JSON.stringify(content)}\n`
  await replaceFile(join(folder, files.law), text)
  const written = TREES.flatMap((role) => trees[role]?.file ?? [])
  return { file: files.law, sha256: sha256(Buffer.from(text)), files: [files.law, ...written] }
}

const treesOf = (path: PathLaw, role: TreesRole): TreeModel | null =>
  role === 'approach' ? (path.approach?.trees ?? null) : path[role]

/** JSON has no infinity: null is a column that is never known. */
const featuresJson = ({ encoder, knownAfterS }: LawFeatures): unknown => ({
  encoder: encoderToJson(encoder),
  knownAfterS: knownAfterS.map((seconds) => (Number.isFinite(seconds) ? seconds : null)),
})

function description(
  role: TreesRole,
  model: TreeModel,
  { stage, ablation, origin }: SetName & { readonly origin: LawOrigin },
): BundleDescription {
  const head = `law_${role}`
  return {
    head,
    stage,
    ablation,
    anchor: '',
    features: model.columns,
    encoder: null,
    metrics: null,
    calibrator: null,
    ...origin,
  }
}

/**
 * The law that {@link writeLaw} wrote. Verifies hashes, layout and golden moments; runs no code of the files. `expected`
 * is the hash that a set's metadata names for the law's file. Throws Error, naming the file, on what is missing, changed or of another version.
 */
export async function loadLaw(folder: string, name: SetName, expected?: string): Promise<SetLaw> {
  const file = join(folder, lawFiles(name).law)
  const bytes = await readVerified(file, expected)
  const result = layout.safeParse(parseJson(bytes, file))
  if (!result.success) {
    const [issue] = result.error.issues
    throw new Error(
      `models: ${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}. Is it a law of version ${LAW_FILE_VERSION}? Train again.`,
    )
  }
  const { spec, volatility, tiltScale, approachScale, calibration, uncertainty, trees, golden, goldenShifts, origin } =
    result.data
  const features = featuresFromJson(result.data.features, file)
  const read = async (role: TreesRole): Promise<TreeModel | null> => {
    const entry = trees[role]
    if (entry === null) return null
    // The name alone, so that no file outside the folder is read.
    const path = join(folder, lawFiles(name)[role])
    return decodeBundle(await readVerified(path, entry.sha256), path).model
  }
  const approach = await read('approach')
  const path: PathLaw = {
    spec,
    law: lawFromJson(result.data.law, file),
    volatility,
    correction: await read('correction'),
    tilt: await read('tilt'),
    tiltScale,
    approach: approach === null ? null : { trees: approach, scale: approachScale ?? 1 },
    calibration,
    features: features?.encoder.columns ?? [],
    uncertainty,
  }
  checkGolden(path, golden, file)
  checkShifts({ path, features }, goldenShifts, file)
  return { path, features, golden, goldenShifts, origin }
}

function featuresFromJson(value: z.infer<typeof layout>['features'], file: string): LawFeatures | null {
  if (value === null) return null
  const encoder = encoderFromJson(value.encoder)
  if (value.knownAfterS.length !== encoder.columns.length) {
    throw new Error(
      `models: ${file}: features.knownAfterS: has ${value.knownAfterS.length} numbers, not one for each of the ${encoder.columns.length} columns of its encoder. Train again.`,
    )
  }
  return { encoder, knownAfterS: value.knownAfterS.map((seconds) => seconds ?? Infinity) }
}

async function readVerified(file: string, expected: string | undefined): Promise<Uint8Array> {
  if (!existsSync(file)) throw new Error(`models: ${file}: the file is missing. Train again, or restore it.`)
  const bytes = await readFile(file)
  if (expected === undefined || sha256(bytes) === expected) return bytes
  throw new Error(`models: ${file}: its SHA-256 is not the one recorded: it was changed after training. Train again.`)
}

function parseJson(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new Error(`models: ${file}: is not JSON. Train again, or restore the file.`, { cause })
  }
}
