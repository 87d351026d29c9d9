import type * as Runtime from 'onnxruntime-node'

/** The version of the peer dependency, as the catalog has it. */
const VERSION = '1.30.0'

/** ONNX Runtime, loaded when a graph is first run: a program that runs none need not install it. Throws where it is absent. */
export async function loadRuntime(): Promise<typeof Runtime> {
  try {
    return await import('onnxruntime-node')
  } catch (cause) {
    throw new Error(
      `patchtst: onnxruntime-node is not installed or cannot be loaded, and PatchTST computes with it. Run \`npm install onnxruntime-node@${VERSION}\`.`,
      { cause },
    )
  }
}
