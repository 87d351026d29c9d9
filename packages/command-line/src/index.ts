export {
  dateList,
  examples,
  lossWeights,
  numberIn,
  positiveList,
  positiveNumber,
  wholeList,
  wholeNumber,
  wordList,
  words,
} from './arguments.ts'
export { createProgress } from './progress.ts'
export type { Progress, ProgressContext, Step } from './progress.ts'
export { exitCode, messageOf, processTerminal, runProgram } from './terminal.ts'
export type { Program, Terminal } from './terminal.ts'
