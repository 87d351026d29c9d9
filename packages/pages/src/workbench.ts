export { type ForecastSet, workbenchData, type WorkbenchData, type WorkbenchInput } from './workbench/build.ts'
export type { AnchorLabels, SessionData, SessionSummary, WorkbenchIndex, WorkbenchSet } from './workbench/data.ts'
export { type WorkbenchFile, workbenchFiles } from './workbench/files.ts'
