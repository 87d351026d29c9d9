export { findNatsServer } from './program.ts'
export type { FoundServer } from './program.ts'
export { startNatsServer } from './server.ts'
export type { NatsServer, ServerOptions } from './server.ts'
