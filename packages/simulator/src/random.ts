import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** One independent sequence of random numbers; every call moves it forward. */
export interface RandomStream {
  /** A number from [0, 1), a multiple of 2^-53. */
  readonly uniform: () => number
  /** A standard normal number, by the transform of Box and Muller (1958); two uniforms give two normals. */
  readonly normal: () => number
}

/**
 * Independent streams from one seed (a 32-bit integer): each call gives the next one, 2^64 draws after the one before,
 * so that drawing more from one leaves the others as they were. Same seed, same numbers on every machine.
 */
export function streamsFrom(seed: number): () => RandomStream {
  const generator = xoroshiro128plus(seed)
  return () => {
    const stream = randomStream(generator.clone())
    generator.jump()
    return stream
  }
}

function randomStream(generator: ReturnType<typeof xoroshiro128plus>): RandomStream {
  const uniform = (): number => uniformFloat64(generator)
  let spare: number | undefined
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
  return { uniform, normal }
}
