declare module 'write-file-atomic' {
  /** Replaces a file; here because the package stands beside the writer that took its place. */
  export default function writeFileAtomic(path: string, content: Uint8Array): Promise<void>
}
