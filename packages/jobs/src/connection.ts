export { connectionOf } from './jetstream/connection.ts'
export type { BusAddress, BusConnection } from './jetstream/connection.ts'
