import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Matrix, Table } from '@breakwater/features'
import { replaceFile } from '@breakwater/formats/node'
import { lawFromJson } from '@breakwater/passage'
import { type BundleDescription, decodeBundle, encodeBundle, type TreeModel } from '@breakwater/trees'
import { sha256 } from '@breakwater/trees/node'
import { z } from 'zod'
import { lawFiles, type SetName } from '../names.ts'
import type { PathLaw } from './fit.ts'
import { checkGolden, goldenMoments } from './golden.ts'
import { VOLATILITY_REGRESSORS } from './regression.ts'

/** Version of law_{stage}_{ablation}.json; a reader refuses another. */
export const LAW_FILE_VERSION = 1

/** Where a law came from. */
export type LawOrigin = Pick<
  BundleDescription,
  'dates' | 'timestamp' | 'dataHash' | 'gitSha' | 'libraryVersion' | 'schemaVersion'
>

/** What {@link writeLaw} writes. */
export interface LawToWrite extends SetName {
  readonly path: PathLaw
  readonly origin: LawOrigin
  /** Moments of which a few are kept, with their surfaces. */
  readonly moments: Table
  readonly features?: Matrix
}

const TREES = ['correction', 'tilt'] as const
type TreesRole = (typeof TREES)[number]

const number = z.number()
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
  features: z.array(z.string()),
  tiltScale: number.positive(),
  trees: z.strictObject({ correction: treesFile, tilt: treesFile }),
  golden: z.array(
    z.strictObject({
      numbers: z.record(z.string(), number.nullable()),
      features: z.array(number.nullable()),
      surface: z.array(number),
    }),
  ),
})

/** A law on disk: its file, which names and hashes the files of its trees. */
export interface LawFile {
  readonly file: string
  readonly sha256: string
}

/**
 * Writes a law to `folder`: trees as ONNX files, then law_{stage}_{ablation}.json with the rest and their hashes. Each file
 * is whole or absent. The same law gives the same bytes.
 */
export async function writeLaw(
  folder: string,
  { path, origin, moments, features, ...name }: LawToWrite,
): Promise<LawFile> {
  const files = lawFiles(name)
  const trees: Partial<Record<TreesRole, { readonly file: string; readonly sha256: string } | null>> = {}
  for (const role of TREES) {
    const model = path[role]
    if (model !== null) {
      const bytes = encodeBundle({ model, description: description(role, model, { ...name, origin }) })
      await replaceFile(join(folder, files[role]), bytes)
      trees[role] = { file: files[role], sha256: sha256(bytes) }
    } else trees[role] = null
  }
  const { spec, law, volatility, tiltScale } = path
  const content = {
    format: 'breakwater-law',
    version: LAW_FILE_VERSION,
    spec,
    law,
    volatility,
    features: path.features,
    tiltScale,
    trees,
    golden: goldenMoments(path, moments, features),
  }
  const text = `${JSON.stringify(content)}\n`
  await replaceFile(join(folder, files.law), text)
  return { file: files.law, sha256: sha256(Buffer.from(text)) }
}

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
export async function loadLaw(folder: string, name: SetName, expected?: string): Promise<PathLaw> {
  const file = join(folder, lawFiles(name).law)
  const bytes = await readVerified(file, expected)
  const result = layout.safeParse(parseJson(bytes, file))
  if (!result.success) {
    const [issue] = result.error.issues
    throw new Error(
      `models: ${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}. Is it a law of version ${LAW_FILE_VERSION}? Train again.`,
    )
  }
  const { spec, volatility, features, tiltScale, trees, golden } = result.data
  const read = async (role: TreesRole): Promise<TreeModel | null> => {
    const entry = trees[role]
    if (entry === null) return null
    // The name alone, so that no file outside the folder is read.
    const path = join(folder, lawFiles(name)[role])
    return decodeBundle(await readVerified(path, entry.sha256), path).model
  }
  const path: PathLaw = {
    spec,
    law: lawFromJson(result.data.law, file),
    volatility,
    correction: await read('correction'),
    tilt: await read('tilt'),
    tiltScale,
    features,
  }
  checkGolden(path, golden, file)
  return path
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
