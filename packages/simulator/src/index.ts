export {
  BARRIER_PUSH,
  DEMAND_DRIFT,
  ECHOES,
  GAMMA_PUSH,
  GAMMA_SCALE,
  PLANTED,
  plantedScore,
  PUSH_SHARE,
  WALL_PUSH,
} from './planted.ts'
export type { PlantedEffect, TouchPhysics } from './planted.ts'
export type { Reaction } from './session.ts'
export { simulate } from './simulate.ts'
export type { Simulation, SimulationOptions, SimulationTruth } from './simulate.ts'
