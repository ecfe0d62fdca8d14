/**
 * What must hold for any bytes of one direction, however they are cut: the endpoint hears and answers what the oracle
 * does, refuses what the oracle refuses and with its close code, keeps to its memory, and the annotator sees the same.
 */
import assert from 'node:assert/strict'
import { type AnnotatedFrame, FrameAnnotator } from 'holdfast/websocket/frames'
import { cutAt, inflaterFor, observe, type Observation } from './endpoint.ts'
import { cutIntoFrames, reference, type Outcome, type Rules } from './reference.ts'

export interface StreamInput {
  readonly bytes: Uint8Array
  readonly rules: Rules
  /** Places where the bytes are cut, modulo their length. */
  readonly cuts: readonly number[]
}

/** Byte by byte costs a moment for each: only streams up to here are read that way too. */
const MOST_SINGLE_BYTES = 2_000

export const checkStream = ({ bytes, rules, cuts }: StreamInput): void => {
  const expected = reference(bytes, rules)
  const whole = observe([bytes], rules)
  agree(whole, expected)
  const ways = [cutAt(bytes, cuts)]
  if (bytes.length <= MOST_SINGLE_BYTES) ways.push(Array.from(bytes, (byte) => Uint8Array.of(byte)))
  for (const chunks of ways) {
    const cut = observe(chunks, rules)
    assert.deepEqual(
      [cut.heard, cut.answered, cut.error],
      [whole.heard, whole.answered, whole.error],
      'chunking changes nothing',
    )
    checkMemory(cut, rules)
  }
  checkMemory(whole, rules)
  checkAnnotator(bytes, rules, cuts, whole)
}

/** Word by word; where the oracle leaves a choice between two codes, one of them. */
const agree = (seen: Outcome, expected: Outcome): void => {
  const choices = (words: readonly string[]): readonly string[] =>
    words.map((word) => (word.includes('|') ? `${word.split(':')[0]}:one of several` : word))
  const blurred = (words: readonly string[], model: readonly string[]): readonly string[] =>
    words.map((word, index) => {
      const [kind, codes = ''] = (model[index] ?? '').split(':')
      const among = codes.split('|')
      return among.length > 1 && among.some((code) => word === `${kind}:${code}`)
        ? `${kind}:one of several`
        : word
    })
  assert.deepEqual(
    [blurred(seen.heard, expected.heard), blurred(seen.answered, expected.answered)],
    [choices(expected.heard), choices(expected.answered)],
    'what is heard and answered is what the RFC says',
  )
}

/** No buffer larger than what may arrive compressed; all of them together in proportion to what arrived. */
const checkMemory = ({ largestAllocation }: Observation, rules: Rules): void => {
  const { maxPayloadBytes } = rules
  const most = rules.deflate ? maxPayloadBytes + Math.floor(maxPayloadBytes / 8) + 64 : maxPayloadBytes
  assert(largestAllocation <= most, `${largestAllocation} bytes at once, at most ${most}`)
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

const annotate = (chunks: Iterable<Uint8Array>, rules: Rules): AnnotatedFrame[] => {
  const inflater = inflaterFor(rules)
  const annotator = new FrameAnnotator({
    role: rules.role,
    ...(inflater !== undefined && { inflater }),
    maxPayloadBytes: rules.maxPayloadBytes,
    maxFragments: rules.maxFragments,
    keptPayloadBytes: 100_000,
    decodeText: (bytes) => decoder.decode(bytes),
  })
  const records = Array.from(chunks).flatMap((chunk) => annotator.annotate(chunk))
  const rest = annotator.end()
  if (rest?.stage === 'cut') records.push(rest)
  return records
}

const checkAnnotator = (
  bytes: Uint8Array,
  rules: Rules,
  cuts: readonly number[],
  seen: Observation,
): void => {
  const records = annotate([bytes], rules)
  assert.deepEqual(annotate(cutAt(bytes, cuts), rules), records, 'chunking changes nothing that is annotated')
  const ends = records.filter(({ stage }) => stage !== 'header')
  const frames = cutIntoFrames(bytes)
  assert.deepEqual(
    ends.map(({ fin, opcode, masked, receivedBytes, payload, stage }) => [
      fin,
      opcode,
      masked,
      receivedBytes,
      stage === 'complete',
      Buffer.from(payload).toString('hex'),
    ]),
    frames.map(({ fin, opcode, mask, payload, complete }) => [
      fin === '1',
      Number.parseInt(opcode, 2),
      mask === '1',
      payload.length,
      complete,
      Buffer.from(payload.slice(0, 100_000)).toString('hex'),
    ]),
    'every frame is annotated as it is',
  )
  checkFirstViolation(ends, seen)
}

const checkFirstViolation = (frames: readonly AnnotatedFrame[], { heard, error }: Observation): void => {
  // How many pongs wait is not to be seen in one direction.
  if (error === 'too-many-pings') return
  const end = frames.findIndex(({ close }) => close !== undefined)
  const first = frames.slice(0, end < 0 ? undefined : end + 1).flatMap(({ violations }) => violations)[0]
  assert.equal(first?.code, error, 'the first violation is the one that it was refused with')
  if (heard.at(-1)?.startsWith('close:') === true)
    assert(end >= 0, 'the Close frame that was heard is annotated')
}
