// The AssemblyScript side of what the kernels share with their hosts, written from src/engine/kernel.ts and
// src/scoring/kernel.ts.
import { fileURLToPath } from 'node:url'
import * as engine from '#src/engine/kernel'
import * as scoring from '#src/scoring/kernel'

const header = (source: string): string =>
  `// Generated from ${source} by kernel/generate.ts: change that and run pnpm --filter @breakwater/trees kernels.\n`

/** Fields that hold a number rather than an address. */
const COUNTS: ReadonlySet<string> = new Set(['rows', 'groups'])

/** `sharedEntry` to `SHARED_ENTRY`. */
const constantName = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

const constant = (name: string, type: 'i32' | 'usize' | 'f32' | 'f64', value: number): string =>
  `export const ${name}: ${type} = ${value}\n`

/** Byte offsets of the entries of a record whose entries take `bytes` bytes each. */
function offsets(prefix: string, record: Readonly<Record<string, number>>, bytes: number): string {
  return Object.entries(record)
    .map(([entry, index]) => constant(`${prefix}_${constantName(entry)}`, 'usize', index * bytes))
    .join('')
}

/** The table's fields as variables, and the function that reads them. */
function regionSource(): string {
  const variables = engine.FIELDS.map((name) => `export let ${name}: ${COUNTS.has(name) ? 'i32' : 'usize'} = 0\n`)
  const reads = engine.FIELDS.map(
    (name, index) => `  ${name} = ${COUNTS.has(name) ? '<i32>' : ''}field(table, ${index})\n`,
  )
  return [
    header('src/engine/kernel.ts'),
    '// Where one head’s arrays lie in memory, read from the table that the host writes.\n\n',
    ...variables,
    '\nfunction field(table: usize, index: i32): usize {\n  return load<u32>(table + ((<usize>index) << 2))\n}\n\n',
    '/** Points this instance at the arrays of the head whose table lies at `table`. */\n',
    'export function attach(table: usize): void {\n',
    ...reads,
    '}\n',
  ].join('')
}

function engineConstants(): string {
  const flags = Object.entries(engine.SEARCH).map(([flag, bit]) => constant(`SEARCH_${constantName(flag)}`, 'i32', bit))
  return [
    header('src/engine/kernel.ts'),
    '\n// Bits of a search’s flags.\n',
    ...flags,
    '\n// Byte offsets of the entries of `request`, `bestCut` and `sums`, 64-bit floats.\n',
    offsets('REQUEST', engine.REQUEST, 8),
    offsets('BEST_CUT', engine.BEST_CUT, 8),
    offsets('SUMS', engine.SUMS, 8),
    '\n',
    constant('CODES', 'usize', engine.CODES),
    constant('TILE_ROWS', 'i32', engine.TILE_ROWS),
    constant('MAX_FULL_BINS', 'i32', engine.MAX_FULL_BINS),
    constant('MIN_HISTOGRAM_BINS', 'i32', engine.MIN_HISTOGRAM_BINS),
    constant('FEW_MISSING', 'f32', engine.FEW_MISSING),
    constant('COLUMN_TIE', 'f32', engine.COLUMN_TIE),
    constant('CUT_TIE', 'f64', engine.CUT_TIE),
    constant('MIN_ROW_HESSIAN', 'f32', engine.MIN_ROW_HESSIAN),
  ].join('')
}

function scoringConstants(): string {
  const { RUN, CATEGORY_QUESTION, WALKED_TREE, WALKED_NODE, BLOCK } = scoring
  const bytes = (name: string, record: Readonly<Record<string, number>>): string =>
    constant(`${name}_SIZE`, 'usize', 4 * Object.keys(record).length)
  return [
    header('src/scoring/kernel.ts'),
    '\n// Byte offsets of the entries of each record, 32-bit integers or floats, and the bytes of a record.\n',
    offsets('RUN', RUN, 4),
    bytes('RUN', RUN),
    offsets('CATEGORY', CATEGORY_QUESTION, 4),
    bytes('CATEGORY', CATEGORY_QUESTION),
    offsets('WALKED_TREE', WALKED_TREE, 4),
    bytes('WALKED_TREE', WALKED_TREE),
    offsets('WALKED_NODE', WALKED_NODE, 4),
    bytes('WALKED_NODE', WALKED_NODE),
    '\n// Byte offsets in a block of trees.\n',
    offsets('BLOCK', BLOCK, 1),
    '\n// Addresses of working memory.\n',
    constant('POSITIONS', 'usize', scoring.POSITIONS),
    constant('PLACES', 'usize', scoring.PLACES),
  ].join('')
}

/** A generated file: where it lies, and what belongs there. */
export interface GeneratedFile {
  readonly path: string
  readonly text: string
}

const inSources = (path: string): string => fileURLToPath(new URL(`../src/${path}`, import.meta.url))

/** Every generated file with its text. */
export function generatedFiles(): readonly GeneratedFile[] {
  return [
    { path: inSources('engine/kernel/region.as.ts'), text: regionSource() },
    { path: inSources('engine/kernel/constants.as.ts'), text: engineConstants() },
    { path: inSources('scoring/kernel/constants.as.ts'), text: scoringConstants() },
  ]
}
