export { joinBus } from './join.ts'
export type { StreamChoice, StreamCounts } from './position.ts'
export { checkSubjects, type Subjects } from './subjects.ts'
export type { Answer, Bus, BusCounts, BusOptions, Log, ScoredMessage } from './surface.ts'
