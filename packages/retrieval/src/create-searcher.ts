import type { RetrievalIndex } from './index-data.ts'
import { loadKernel, MOST_BYTES } from './kernel.ts'
import { layoutOf } from './quantise.ts'
import { plainScan } from './scan-plain.ts'
import { quantisedScan } from './scan-quantised.ts'
import { searcherOver } from './searcher.ts'
import type { Searcher } from './searcher.ts'

/** Options of {@link createSearcher}. */
export interface SearcherOptions {
  /** 'auto' uses the WebAssembly kernel where it loads and 'plain' otherwise; 'plain' never does. Default 'auto'. */
  readonly kernel?: 'auto' | 'plain'
}

/**
 * Makes an index ready to answer: with the kernel, vectors are also kept in 8 bits (a quarter of their size), which takes
 * about 0.2 s a million rows. Answers do not depend on the kernel.
 */
export function createSearcher(index: RetrievalIndex, { kernel = 'auto' }: SearcherOptions = {}): Searcher {
  const loaded = kernel === 'plain' ? undefined : loadKernel()
  const { bytes } = layoutOf(index.rows, index.normaliser.kept.length)
  if (loaded === undefined || bytes > MOST_BYTES) return searcherOver(index, 'plain', plainScan(index))
  return searcherOver(index, 'wasm', quantisedScan(index, loaded))
}
