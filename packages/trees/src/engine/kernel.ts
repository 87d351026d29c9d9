import { startKernel } from '../kernel/load.ts'
import type { KernelModule } from '../kernel/load.ts'
import type { EngineMemory } from './memory.ts'
import { createTwin } from './twin.ts'

/** What a scan does with a sibling's histogram; see {@link Kernel.scan}. */
export const SCAN = { plain: 0, subtract: 1, subtractOnly: 2 } as const

/**
 * The inner loops of training, over memory that the layout describes. Implemented twice, to the same bits: in WebAssembly
 * (kernel/train) and in plain TypeScript (the twin). Addresses are bytes, rows and ranges are half-open.
 */
export interface Kernel {
  /** Points the kernel at the region whose table lies there. */
  attach(table: number): void
  /**
   * Fills a histogram's groups `firstGroup` (a multiple of four) to `endGroup` with the rows `order[from..to)`, or, where
   * `everyRow` is not 0, with the rows from..to themselves.
   */
  build(from: number, to: number, histogram: number, firstGroup: number, endGroup: number, everyRow: number): void
  /**
   * Writes each column's best rank d^2 / (A (S - A)) to `gains`, 0 where no cut leaves `leastHessian` on both sides. The
   * node's cells are the histogram's, less the sibling's unless mode is 0; mode 1 also stores the difference. All sums are
   * in fixed-point units, the ridge `l2` too.
   */
  scan(
    histogram: number,
    sibling: number,
    mode: number,
    firstGroup: number,
    endGroup: number,
    gradient: number,
    hessian: number,
    l2: number,
    leastHessian: number,
  ): void
  /** Moves `order[from..to)` so that rows whose code is marked in `goesLeft` come first; returns where the others begin. */
  partition(from: number, to: number, slot: number): number
  /** How many of `order[from..to)` go left. */
  countLeft(from: number, to: number, slot: number): number
  /** Adds a value to the scores of `order[from..to)`. */
  addLeaf(from: number, to: number, value: number): void
  /** Adds one of two values to the scores of `order[from..to)`, by the side they go to. */
  addLeaves(from: number, to: number, slot: number, left: number, right: number): void
  /** Writes derivatives of binary cross entropy, and their sums. */
  logistic(): void
  /** Writes derivatives of squared error, and their sums. */
  squared(): void
  /** Packs the derivatives of every row as integers: each times its scale, rounded; hessians at least 1. */
  pack(gradientScale: number, hessianScale: number): void
}

/** The kernel on this memory: the compiled one where there is one, else its twin. */
export function createKernel(memory: EngineMemory, compiled: KernelModule | undefined): Kernel {
  if (compiled === undefined || memory.wasm === undefined) return createTwin(memory.buffer)
  return startKernel(compiled, memory.wasm) as Kernel
}
