export { writeSimulation } from './write.ts'
export type { SimulationFiles } from './write.ts'
