export { trainer } from './program.ts'
