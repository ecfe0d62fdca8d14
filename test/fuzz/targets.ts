/** Everything that is fuzzed: how inputs are made, and what must hold for each. */
import fc from 'fast-check'
import { stream } from './conversation.ts'
import { checkAnswer, checkExtensions, checkRequest, extensionsText, head } from './handshake-check.ts'
import { checkPair, dialogue } from './pair-check.ts'
import type { Rules } from './reference.ts'
import { checkStream, type StreamInput } from './stream-check.ts'

/** Small limits, so that small inputs cross them. */
const LIMITS = { maxPayloadBytes: 200, maxFragments: 4, maxPendingPongs: 3 }

const rules = (role: Rules['role'], deflate: boolean): fc.Arbitrary<Rules> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant({ ...LIMITS, role, deflate, closing: false }) },
    { weight: 1, arbitrary: fc.constant({ ...LIMITS, role, deflate, closing: true }) },
    {
      weight: 1,
      arbitrary: fc.constant({ ...LIMITS, maxPayloadBytes: 70_000, role, deflate, closing: false }),
    },
  )

const streamInput = (role: Rules['role'], deflate: boolean): fc.Arbitrary<StreamInput> =>
  fc.record({
    bytes: stream(role === 'server', deflate),
    rules: rules(role, deflate),
    cuts: fc.array(fc.nat(2 ** 20), { maxLength: 6 }),
  })

export interface FuzzTarget {
  readonly name: string
  /** How much of the time it deserves. */
  readonly weight: number
  readonly property: () => fc.IPropertyWithHooks<[unknown]>
}

const target = <T>(
  name: string,
  weight: number,
  arbitrary: fc.Arbitrary<T>,
  check: (input: T) => void,
): FuzzTarget => ({
  name,
  weight,
  property: () => fc.property(arbitrary, check) as fc.IPropertyWithHooks<[unknown]>,
})

export const TARGETS: readonly FuzzTarget[] = [
  target('server', 4, streamInput('server', false), checkStream),
  target('client', 4, streamInput('client', false), checkStream),
  target('server-deflate', 3, streamInput('server', true), checkStream),
  target('client-deflate', 3, streamInput('client', true), checkStream),
  target('pair', 2, dialogue, checkPair),
  target('request', 2, head, checkRequest),
  target('answer', 2, head, checkAnswer),
  target('extensions', 1, extensionsText, checkExtensions),
]
