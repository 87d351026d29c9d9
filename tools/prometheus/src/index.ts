export { dashboardJson } from './dashboard.ts'
export { findPromtool } from './program.ts'
export type { FoundPromtool } from './program.ts'
