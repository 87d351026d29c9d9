// The training kernel: ../kernel.ts describes its functions, ../reference.ts is the same in plain TypeScript.
export { attach } from './region.as'
export { locate } from './locate.as'
export { column } from './histogram.as'
export { search } from './search.as'
export { bestColumn } from './best-column.as'
export { addLeaf, addLeaves, partition } from './partition.as'
export { logistic, pack, squared } from './gradient.as'
