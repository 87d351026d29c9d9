/** Bytes that grow at the end, seen as several types of number; take a view again after reserving. */
export class Arena {
  /** Bytes in use. */
  size = 0
  u8: Uint8Array<ArrayBuffer> = new Uint8Array(2 ** 16)
  u16: Uint16Array = new Uint16Array(this.u8.buffer)
  u32: Uint32Array = new Uint32Array(this.u8.buffer)
  f32: Float32Array = new Float32Array(this.u8.buffer)

  /** Address of `bytes` new bytes, all zero, at a multiple of `alignment`. */
  reserve(bytes: number, alignment = 16): number {
    const at = Math.ceil(this.size / alignment) * alignment
    this.size = at + bytes
    if (this.size > this.u8.length) this.grow()
    return at
  }

  /** Address of a copy of 32-bit integers. */
  words(values: ArrayLike<number>): number {
    const at = this.reserve(4 * values.length)
    this.u32.set(values, at >> 2)
    return at
  }

  /** Address of a copy of 32-bit floats. */
  floats(values: Float32Array): number {
    const at = this.reserve(4 * values.length)
    this.f32.set(values, at >> 2)
    return at
  }

  private grow(): void {
    const larger = new Uint8Array(Math.max(2 * this.u8.length, Math.ceil(this.size / 8) * 8))
    larger.set(this.u8)
    this.u8 = larger
    this.u16 = new Uint16Array(larger.buffer)
    this.u32 = new Uint32Array(larger.buffer)
    this.f32 = new Float32Array(larger.buffer)
  }
}
