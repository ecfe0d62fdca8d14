/**
 * Generators that know what frames are: valid conversations of one direction, and what a hostile or broken peer makes of
 * them: fields changed, frames doubled, dropped, moved and spliced, then bits flipped, bytes cut out and noise let in.
 */
import { deflateRawSync, constants } from 'node:zlib'
import fc from 'fast-check'

/** A frame as it will be written; nothing keeps it from being wrong. */
export interface FrameSpec {
  readonly fin: boolean
  /** The three reserved bits, as they stand in the first byte. */
  readonly rsv: number
  readonly opcode: number
  /** Undefined for no mask at all. */
  readonly key: number | undefined
  /** In how many bytes the length is written: 0 for the seven bits. */
  readonly form: 'shortest' | 2 | 8
  /** What is written as the length, if it is not the payload's. */
  readonly length: bigint | undefined
  readonly payload: Uint8Array
}

export const writeFrame = ({ fin, rsv, opcode, key, form, length, payload }: FrameSpec): Buffer => {
  const declared = length ?? BigInt(payload.length)
  const bytes = form !== 'shortest' ? form : declared < 126n ? 0 : declared < 65_536n ? 2 : 8
  const head = [(fin ? 0x80 : 0) | rsv | opcode]
  const mask = key === undefined ? 0 : 0x80
  if (bytes === 0) head.push(mask | Number(declared))
  else head.push(mask | (bytes === 2 ? 126 : 127))
  for (let place = bytes - 1; place >= 0; place--) head.push(Number((declared >> BigInt(8 * place)) & 0xffn))
  if (key === undefined) return Buffer.concat([Buffer.from(head), payload])
  const keyBytes = [24, 16, 8, 0].map((shift) => (key >>> shift) & 0xff)
  const masked = payload.map((byte, index) => byte ^ keyBytes[index % 4]!)
  return Buffer.concat([Buffer.from(head), Buffer.from(keyBytes), masked])
}

const CONTINUATION = 0x0
const TEXT = 0x1
const BINARY = 0x2

/** Characters of every length and at every bound of RFC 3629. */
const character = fc.constantFrom(
  ...['a', 'Z', '\u0000', '\u007f', '\u0080', 'é', '\u07ff', '\u0800', '€', '\ud7ff', '\ue000', '\uffff'],
  ...['\u{10000}', '😀', '\u{10ffff}'],
)
const text = fc
  .array(character, { maxLength: 20 })
  .map((characters) => new Uint8Array(Buffer.from(characters.join(''))))
/** What is no text, and why not is hard to see: overlong, surrogates, too high, cut short, bare continuations. */
const notQuiteText = fc
  .tuple(
    text,
    fc.constantFrom(
      'c080',
      'c1bf',
      'e080af',
      'eda080',
      'edbfbf',
      'f0808080',
      'f4908080',
      'f8',
      'ff',
      '80',
      'e2',
      'e282',
      'f09f98',
    ),
    text,
  )
  .map(([before, bad, after]) => new Uint8Array(Buffer.concat([before, Buffer.from(bad, 'hex'), after])))
/** Around the lengths at which something changes. */
const binary = fc.oneof(
  { weight: 160, arbitrary: fc.uint8Array({ maxLength: 60 }) },
  { weight: 40, arbitrary: fc.constantFrom(124, 125, 126, 127, 128, 199, 200, 201).map(bytesOfLength) },
  { weight: 1, arbitrary: fc.constantFrom(65_535, 65_536).map(bytesOfLength) },
)
const controlPayload = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 10 }) },
  { weight: 2, arbitrary: fc.constantFrom(124, 125, 126).map(bytesOfLength) },
)

function bytesOfLength(length: number): Uint8Array {
  return new Uint8Array(length).map((_, index) => index)
}

const closePayload = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999),
      fc.constantFrom(0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535),
    ),
    fc.oneof(fc.constant(new Uint8Array(0)), text, notQuiteText),
  )
  .map(([code, reason]) => new Uint8Array([code >> 8, code & 0xff, ...reason.subarray(0, 123)]))

const key = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })

const control = fc
  .oneof(
    { weight: 5, arbitrary: fc.tuple(fc.constant(0x9), controlPayload) },
    { weight: 5, arbitrary: fc.tuple(fc.constant(0xa), controlPayload) },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.constant(0x8),
        fc.oneof(closePayload, fc.constantFrom(new Uint8Array(0), Uint8Array.of(3))),
      ),
    },
  )
  .map(([opcode, payload]) => ({ opcode, payload }))

/** Compressed payloads: made by zlib in its ways, and broken ones. */
const compressed = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.oneof(
          text,
          notQuiteText,
          fc.uint8Array({ maxLength: 80 }),
          fc.constantFrom(150, 200, 201, 5000).map(repeated),
        ),
        fc.constantFrom(0, 1, 6, 9),
        fc.constantFrom(constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_RLE),
      )
      .map(([payload, level, strategy]) => {
        const flushed = deflateRawSync(payload, { level, strategy, finishFlush: constants.Z_SYNC_FLUSH })
        return new Uint8Array(flushed.subarray(0, -4))
      }),
  },
  // §7.2.3.4 of RFC 7692: a final block, which needs an empty byte behind it.
  {
    weight: 2,
    arbitrary: fc
      .array(fc.oneof(text, fc.constantFrom(0, 1, 100, 199, 200).map(repeated)), {
        minLength: 1,
        maxLength: 10,
      })
      .map(
        (texts) =>
          new Uint8Array(Buffer.concat([...texts.map((each) => deflateRawSync(each)), Buffer.of(0)])),
      ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) },
)

function repeated(length: number): Uint8Array {
  return new Uint8Array(length).fill(0x61)
}

interface Saying {
  readonly opcode: number
  readonly payload: Uint8Array
  readonly compress: boolean
  readonly cuts: readonly number[]
  /** Control frames between the fragments. */
  readonly between: readonly { readonly opcode: number; readonly payload: Uint8Array }[]
}

const saying = (deflate: boolean): fc.Arbitrary<Saying> =>
  fc
    .record({
      content: fc.oneof(
        fc.tuple(
          fc.constant(TEXT),
          fc.oneof({ weight: 4, arbitrary: text }, notQuiteText),
          fc.constant(false),
        ),
        fc.tuple(fc.constant(BINARY), binary, fc.constant(false)),
        ...(deflate ? [fc.tuple(fc.constantFrom(TEXT, BINARY), compressed, fc.constant(true))] : []),
      ),
      cuts: fc.array(fc.nat(60), { maxLength: 6 }),
      between: fc.array(control, { maxLength: 3 }),
    })
    .map(({ content: [opcode, payload, compress], cuts, between }) => ({
      opcode,
      payload,
      compress,
      cuts,
      between,
    }))

const framesOf = (
  { opcode, payload, compress, cuts, between }: Saying,
  masked: number | undefined,
): FrameSpec[] => {
  const base = { fin: true, rsv: 0, key: masked, form: 'shortest', length: undefined } as const
  const places = cuts.filter((cut) => cut <= payload.length).sort((a, b) => a - b)
  const starts = [0, ...places]
  return starts.flatMap((start, index) => {
    const fragment: FrameSpec = {
      ...base,
      fin: index === places.length,
      rsv: compress && index === 0 ? 0x40 : 0,
      opcode: index === 0 ? opcode : CONTINUATION,
      payload: payload.subarray(start, places[index] ?? payload.length),
    }
    const interloper = between[index]
    return interloper === undefined ? [fragment] : [fragment, { ...base, ...interloper }]
  })
}

/** A conversation that is right but for its texts, its close codes and the limits that it may cross. */
export const conversation = (masked: boolean, deflate: boolean): fc.Arbitrary<FrameSpec[]> =>
  fc
    .array(fc.tuple(fc.oneof({ weight: 4, arbitrary: saying(deflate) }, control), key), { maxLength: 5 })
    .map((sayings) =>
      sayings.flatMap(([said, chosen]) => {
        const mask = masked ? chosen : undefined
        if ('cuts' in said) return framesOf(said, mask)
        return [{ fin: true, rsv: 0, key: mask, form: 'shortest', length: undefined, ...said }]
      }),
    )

/** How frames are spoiled before they are written; places are taken modulo what is there. */
type FrameSpoiling =
  | { readonly kind: 'change'; readonly at: number; readonly change: Partial<FrameSpec> }
  | { readonly kind: 'double'; readonly at: number }
  | { readonly kind: 'drop'; readonly at: number }
  | { readonly kind: 'unmask'; readonly at: number }
  | { readonly kind: 'swap'; readonly at: number; readonly with: number }

const change: fc.Arbitrary<Partial<FrameSpec>> = fc.oneof(
  fc.record({ fin: fc.boolean() }),
  fc.record({ rsv: fc.constantFrom(0x40, 0x20, 0x10, 0x70) }),
  fc.record({ opcode: fc.nat(15) }),
  fc.record({ form: fc.constantFrom(2 as const, 8 as const) }),
  fc.record({ key }),
  fc.record({
    form: fc.constant(8 as const),
    length: fc.constantFrom(
      ...[31n, 32n, 53n, 62n, 63n].map((power) => 2n ** power),
      2n ** 32n + 5n,
      2n ** 64n - 1n,
    ),
  }),
  fc
    .record({
      form: fc.constantFrom('shortest' as const, 2 as const, 8 as const),
      length: fc.constantFrom(0n, 1n, 125n, 126n, 127n, 200n, 201n, 65_535n),
    })
    .filter(({ form, length }) => form !== 'shortest' || length < 65_536n),
)

const frameSpoiling: fc.Arbitrary<FrameSpoiling> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('change' as const), at: fc.nat(40), change }) },
  {
    weight: 2,
    arbitrary: fc.oneof(
      fc.record({ kind: fc.constant('double' as const), at: fc.nat(40) }),
      fc.record({ kind: fc.constant('drop' as const), at: fc.nat(40) }),
      fc.record({ kind: fc.constant('unmask' as const), at: fc.nat(40) }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('swap' as const), at: fc.nat(40), with: fc.nat(40) }),
  },
)

const spoilFrames = (frames: readonly FrameSpec[], spoilings: readonly FrameSpoiling[]): FrameSpec[] => {
  const spoiled = [...frames]
  for (const spoiling of spoilings) {
    if (spoiled.length === 0) break
    const at = spoiling.at % spoiled.length
    const frame = spoiled[at]!
    if (spoiling.kind === 'change') spoiled[at] = { ...frame, ...spoiling.change }
    else if (spoiling.kind === 'double') spoiled.splice(at, 0, frame)
    else if (spoiling.kind === 'drop') spoiled.splice(at, 1)
    else if (spoiling.kind === 'unmask') spoiled[at] = { ...frame, key: undefined }
    else {
      const other = spoiling.with % spoiled.length
      spoiled[at] = spoiled[other]!
      spoiled[other] = frame
    }
  }
  return spoiled
}

/** How bytes are spoiled once they are written. */
type ByteSpoiling =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'truncate'; readonly at: number }
  | { readonly kind: 'cut'; readonly at: number; readonly size: number }
  | { readonly kind: 'double'; readonly at: number; readonly size: number }
  | { readonly kind: 'noise'; readonly at: number; readonly noise: Uint8Array }

const place = fc.nat(2 ** 20)
const size = fc.integer({ min: 1, max: 8 })
const byteSpoiling: fc.Arbitrary<ByteSpoiling> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate' as const), at: place }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('cut' as const, 'double' as const), at: place, size }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('noise' as const),
      at: place,
      noise: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    }),
  },
)

const spoilBytes = (bytes: Buffer, spoilings: readonly ByteSpoiling[]): Buffer => {
  let spoiled = Buffer.from(bytes)
  for (const spoiling of spoilings) {
    const at = spoiling.at % (spoiled.length + 1)
    const before = spoiled.subarray(0, at)
    const after = spoiled.subarray(at)
    if (spoiling.kind === 'flip' && after.length > 0) spoiled[at]! ^= 1 << spoiling.bit
    else if (spoiling.kind === 'truncate') spoiled = Buffer.from(before)
    else if (spoiling.kind === 'cut') spoiled = Buffer.concat([before, after.subarray(spoiling.size)])
    else if (spoiling.kind === 'double')
      spoiled = Buffer.concat([before, after.subarray(0, spoiling.size), after])
    else if (spoiling.kind === 'noise') spoiled = Buffer.concat([before, spoiling.noise, after])
  }
  return spoiled
}

/** Bytes of one direction: a conversation, two spliced into one, or noise; whole, a little spoiled or a lot. */
export const stream = (masked: boolean, deflate: boolean): fc.Arbitrary<Uint8Array> => {
  const said = conversation(masked, deflate)
  const spoiled = fc
    .record({
      first: said,
      second: fc.oneof(fc.constant([]), fc.constant([]), said),
      frames: fc.oneof(fc.constant([]), fc.array(frameSpoiling, { maxLength: 3 })),
      bytes: fc.oneof(fc.constant([]), fc.array(byteSpoiling, { maxLength: 3 })),
    })
    .map(({ first, second, frames, bytes }) => {
      // The second conversation is let into the middle of the first.
      const middle = Math.floor(first.length / 2)
      const spliced = [...first.slice(0, middle), ...second, ...first.slice(middle)]
      return new Uint8Array(spoilBytes(Buffer.concat(spoilFrames(spliced, frames).map(writeFrame)), bytes))
    })
  return fc.oneof(
    { weight: 15, arbitrary: spoiled },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) },
  )
}
