import { glob, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { familyOf, literal } from './sql.ts'

async function kindOf(path: string): Promise<'file' | 'folder' | 'none'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch {
    return 'none'
  }
}

async function expand(path: string): Promise<string[]> {
  const kind = await kindOf(path)
  if (kind === 'file') return [path]
  const files: string[] = []
  for await (const file of glob(kind === 'folder' ? join(path, '**', '*.parquet') : path)) files.push(file)
  return files
}

/**
 * The Parquet files behind files, folders (every `*.parquet` below) and globs: absolute paths, sorted by code unit, each
 * once. Throws when a path leads to no file.
 */
export async function resolveFiles(paths: string | readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const path of typeof paths === 'string' ? [paths] : paths) {
    const files = await expand(path)
    if (files.length === 0) {
      throw new Error(
        `features: paths=${JSON.stringify(path)}: missing signals file. Run \`breakwater signals\` first, or name a Parquet file, a folder or a glob.`,
      )
    }
    for (const file of files) found.add(resolve(file))
  }
  if (found.size === 0) {
    throw new Error('features: paths=[]: missing signals file. Run `breakwater signals` first, then name its output.')
  }
  return [...found].toSorted((a, b) => (a < b ? -1 : 1))
}

/** The files as the argument of DuckDB's Parquet functions. */
export function fileList(files: readonly string[]): string {
  return `[${files.map((file) => literal(file)).join(', ')}]`
}

/** Rows of a small query as plain objects of strings (NULL is ''). */
export async function query(connection: DuckDBConnection, sql: string): Promise<Record<string, string>[]> {
  const rows = await (await connection.run(sql)).getRowObjectsJson()
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [
        key,
        value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    ),
  )
}

type Shape = ReadonlyMap<string, string>

async function readShapes(connection: DuckDBConnection, files: readonly string[]): Promise<Map<string, Shape>> {
  const rows = await query(
    connection,
    `SELECT file_name, name, coalesce(duckdb_type, type, 'nested') AS type, column_id FROM parquet_schema(${fileList(files)})
     WHERE column_id > 0 ORDER BY file_name, column_id`,
  )
  const shapes = new Map<string, Map<string, string>>()
  for (const { file_name: file = '', name = '', type = '' } of rows) {
    const shape = shapes.get(file) ?? new Map<string, string>()
    shapes.set(file, shape.set(name, familyOf(type)))
  }
  return shapes
}

function difference(first: Shape, other: Shape): string | undefined {
  for (const [name, kind] of first) {
    const there = other.get(name)
    if (there === undefined) return `the second lacks column ${name}`
    if (there !== kind) return `column ${name} is a ${kind} in the first and a ${there} in the second`
  }
  const extra = [...other.keys()].find((name) => !first.has(name))
  return extra === undefined ? undefined : `the first lacks column ${extra}`
}

/** Throws when two files disagree about their columns: a name that only one has, or a string against a number. */
export async function checkShapes(connection: DuckDBConnection, files: readonly string[]): Promise<void> {
  const shapes = [...(await readShapes(connection, files))]
  const [first] = shapes
  if (first === undefined) return
  for (const [file, shape] of shapes.slice(1)) {
    const found = difference(first[1], shape)
    if (found !== undefined) {
      throw new Error(
        `features: ${first[0]} and ${file}: two files whose columns disagree: ${found}. Write both with one schema, or read one.`,
      )
    }
  }
}

/**
 * Footer metadata that every file has with the same value. A key under `breakwater.` must be the same in all files, since
 * it says what the numbers mean (thresholds, say): a disagreement throws.
 */
export async function readMetadata(
  connection: DuckDBConnection,
  files: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const rows = await query(
    connection,
    `SELECT key, min(value) AS value, count(DISTINCT value) AS versions, count(DISTINCT file_name) AS files FROM
     (SELECT file_name, decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata(${fileList(files)}))
     GROUP BY key ORDER BY key`,
  )
  const shared: [string, string][] = []
  for (const { key = '', value = '', versions, files: holders } of rows) {
    if (versions === '1' && Number(holders) === files.length) shared.push([key, value])
    else if (key.startsWith('breakwater.')) {
      throw new Error(
        `features: paths: ${files.length} files disagree about metadata ${key} (${versions} values, in ${holders} files). Write them with the same settings.`,
      )
    }
  }
  return Object.fromEntries(shared)
}
