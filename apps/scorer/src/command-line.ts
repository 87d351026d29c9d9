export { scorer } from './program.ts'
