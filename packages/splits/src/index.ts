export { WalkForwardViolationError } from './errors.ts'
export { foldRows, type FoldRows } from './execute.ts'
export { type ExplicitDates, planExplicit } from './explicit.ts'
export { innerFolds, innerPlan } from './inner.ts'
export type { WalkForwardOptions } from './layout.ts'
export {
  type Fold,
  type FoldCounts,
  type FoldDates,
  PLAN_VERSION,
  type PlanOptions,
  type ResolvedOptions,
  type Role,
  ROLES,
  type WalkForwardPlan,
} from './plan.ts'
export type { RowDates, SplitRows } from './rows.ts'
export { planWalkForward } from './walk-forward.ts'
