export { expectedMaximum } from './extremes.ts'
export { type FirstGradient, firstGradient } from './gradients.ts'
export { hit, type HitGradient, hitGradient } from './one-barrier.ts'
export { either, first } from './two-barriers.ts'
