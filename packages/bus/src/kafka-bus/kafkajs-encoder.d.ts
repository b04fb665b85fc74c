declare module "kafkajs/src/protocol/encoder.js" {
  export default class Encoder {
    static nextPowerOfTwo: (value: number) => number;
    buf: Buffer;
    offset: number;
    readonly buffer: Buffer;
    ensureAvailable: (this: Encoder, length: number) => void;
    writeInt32(value: number): this;
    writeString(value: string): this;
    writeVarIntBytes(value: Buffer): this;
    writeArray(array: readonly unknown[]): this;
  }
}
