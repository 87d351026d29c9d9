import type { RetrievalIndex } from './index-data.ts'
import { loadKernel, MOST_BYTES } from './kernel/load.ts'
import { bytesFor, codesOf } from './quantise.ts'
import type { Codes } from './quantise.ts'
import { plainScan, type Scan } from './scan-plain.ts'
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
  return searcherIn(index, kernel === 'plain' ? undefined : shareCodes(index, 1), 0)
}

/** The codes of an index with a slot for each of some threads; undefined where the kernel does not run or they do not fit. */
export function shareCodes(index: RetrievalIndex, slots: number): Codes | undefined {
  const kernel = loadKernel()
  if (kernel === undefined || bytesFor(index.rows, index.normaliser.kept.length, slots) > MOST_BYTES) return undefined
  return codesOf(index, kernel, slots)
}

/** A searcher on codes that are there already, in one of their slots; the plain one without codes. */
export function searcherIn(index: RetrievalIndex, codes: Codes | undefined, slot: number): Searcher {
  const kernel = codes === undefined ? undefined : loadKernel()
  if (codes === undefined || kernel === undefined) return searcherOver(index, 'plain', plainScan(index))
  return searcherOver(index, 'wasm', quantisedScan(index, kernel, codes, slot))
}

/** A scan of an index's own rows, with what it runs on; `stored` holds at least them. */
export function scanOf(
  index: RetrievalIndex,
  stored: RetrievalIndex['stored'],
  { kernel: wanted = 'auto' }: SearcherOptions,
): { readonly kernel: Searcher['kernel']; readonly scan: Scan } {
  const codes = wanted === 'plain' ? undefined : shareCodes(index, 1)
  const kernel = codes === undefined ? undefined : loadKernel()
  const wide = { ...index, stored }
  if (codes === undefined || kernel === undefined) return { kernel: 'plain', scan: plainScan(wide) }
  return { kernel: 'wasm', scan: quantisedScan(wide, kernel, codes, 0) }
}
