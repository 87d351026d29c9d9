import type { TrainOptions } from '@breakwater/trees'
import type { TreeOptions } from '@breakwater/models'
import { valuesOf } from './option.ts'
import type { OptionRow, TreeFlags } from './option.ts'
import { TREE_OPTIONS } from './table.ts'

type Name = keyof typeof TREE_OPTIONS

/** The rows of the trees; each has to bear the name of an option that they take. */
const ROWS: { readonly [N in Name]: N extends keyof TrainOptions ? OptionRow : never } = TREE_OPTIONS

/** What `train` and `sweep` do unless told otherwise. */
export const TREE_DEFAULTS: TreeOptions = column('default') as TreeOptions

/** What `demo` does: where it has nothing of its own, as `train`. */
export const DEMO_TREES: TreeOptions = { ...TREE_DEFAULTS, ...column('demo') }

/** The options of the trees among a command's flags. */
export const treeOptions = (flags: TreeFlags): TreeOptions => valuesOf(ROWS, { ...flags }) as unknown as TreeOptions

function column(which: 'default' | 'demo'): Partial<Record<Name, number>> {
  const cells = Object.entries<OptionRow>(ROWS).map(([name, row]) => [name, row[which]] as const)
  return Object.fromEntries(cells.filter(([, value]) => value !== undefined))
}
