export { channelsOf, checkBars, readSeries } from './sequences/bars.ts'
export { type TouchLabels, touchLabels } from './sequences/labels.ts'
export { KNOWN_AFTER_S, type Statics, type StaticsChoice, staticsOf } from './sequences/statics.ts'
export {
  type SequenceOptions,
  type SequenceReport,
  type SessionFile,
  type TouchSequences,
  touchSequences,
  writeSession,
} from './sequences/write.ts'
