import { z } from 'zod'

/** Names with versions, as in `dependencies`. */
export type Versions = Readonly<Record<string, string>>

/** The part of a package.json that the rules read; absent parts are empty. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private: boolean
  readonly keywords: readonly string[]
  readonly license?: string | undefined
  readonly type?: string | undefined
  readonly engines: Versions
  readonly sideEffects?: unknown
  /** Targets by entry: one path, or a path by condition. */
  readonly exports: Readonly<Record<string, string | Versions>>
  /** Sources by the name under which the package's own tests import them: '#src/*'. */
  readonly imports: Versions
  readonly bin: Versions
  readonly files: readonly string[]
  readonly dependencies: Versions
  readonly devDependencies: Versions
  readonly peerDependencies: Versions
  readonly optionalDependencies: Versions
  readonly nx: { readonly tags: readonly string[]; readonly targets: Readonly<Record<string, Target>> }
}

/** The configuration in a manifest of one of its package's targets, beyond nx.json. */
export interface Target {
  readonly cache?: boolean | undefined
  readonly inputs?: readonly unknown[] | undefined
}

const versions = z.record(z.string(), z.string()).default({})

const manifestSchema = z.looseObject({
  name: z.string().default(''),
  version: z.string().default(''),
  private: z.boolean().default(false),
  keywords: z.array(z.string()).default([]),
  license: z.string().optional(),
  type: z.string().optional(),
  engines: versions,
  sideEffects: z.unknown().optional(),
  exports: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])).default({}),
  imports: versions,
  bin: versions,
  files: z.array(z.string()).default([]),
  dependencies: versions,
  devDependencies: versions,
  peerDependencies: versions,
  optionalDependencies: versions,
  nx: z
    .looseObject({
      tags: z.array(z.string()).default([]),
      targets: z
        .record(z.string(), z.looseObject({ cache: z.boolean().optional(), inputs: z.array(z.unknown()).optional() }))
        .default({}),
    })
    .prefault({}),
})

const referencesSchema = z.looseObject({
  references: z.array(z.looseObject({ path: z.string() })).default([]),
})

/** Reads a package.json. Throws an error that names `path` when it is not JSON or a field has another type. */
export function parseManifest(text: string, path: string): Manifest {
  return checked(manifestSchema, text, path)
}

/** The paths of a tsconfig's `references`, as written. Throws an error that names `path` when it is not JSON. */
export function parseReferences(text: string, path: string): readonly string[] {
  return checked(referencesSchema, text, path).references.map((reference) => reference.path)
}

/** Every dependency of a manifest with its version, whatever its kind. */
export function allDependencies(manifest: Manifest): Versions {
  return {
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
  }
}

function checked<Output>(schema: z.ZodType<Output>, text: string, path: string): Output {
  const result = schema.safeParse(parsed(text, path))
  if (result.success) return result.data
  throw new TypeError(`workspace: ${path}: ${z.prettifyError(result.error)}`)
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new SyntaxError(`workspace: ${path}: not JSON. Remove comments and trailing commas.`, { cause })
  }
}
