export type { PageFile } from './files.ts'
export { createLivePage, type LivePage, type LivePageOptions } from './live-page.ts'
export type { Payload, PublishedTarget } from './session/payload.ts'
