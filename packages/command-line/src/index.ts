export {
  dateList,
  directions,
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
export { addBusOptions, addWorkersOptions, busPlace, sameBus } from './bus.ts'
export type { BusFlags, BusPlace, WorkersFlags } from './bus.ts'
export { configSchema, configTemplate } from './config-file.ts'
export { applyConfig, CONFIG_FILE, findConfig, readConfig } from './config.ts'
export type { Config } from './config.ts'
export { exitCode, messageOf, runProgram } from './program.ts'
export type { Program } from './program.ts'
export { createProgress } from './progress.ts'
export type { Progress, ProgressContext, Step } from './progress.ts'
export { processTerminal } from './terminal.ts'
export type { Terminal } from './terminal.ts'
