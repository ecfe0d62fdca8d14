// What a Close frame's body says (RFC 6455 §5.5.1), for the annotator: also a body that breaks the rules says something.

import { closeCodeName, violation, type CloseBody, type Violation } from './annotation.ts'
import { CloseCode, isWireCloseCode } from './close-code.ts'
import { UTF8_BOUNDARY, validateUtf8 } from './utf8.ts'

export interface CloseReading {
  readonly close: CloseBody
  readonly violations: readonly Violation[]
}

/** Reads at most the 125 bytes that a Close frame may have. */
export function readCloseBody(payload: Uint8Array, decodeText: (bytes: Uint8Array) => string): CloseReading {
  const violations: Violation[] = []
  let code: number = CloseCode.noStatus
  if (payload.length === 1) {
    code = CloseCode.abnormal
    violations.push(violation('close-payload', 'a Close frame with half a code'))
  } else if (payload.length > 1) {
    code = (payload[0]! << 8) | payload[1]!
    if (!isWireCloseCode(code))
      violations.push(violation('close-code', `close code ${code} is not for the wire`))
  }
  const reason = payload.subarray(2)
  if (validateUtf8(reason, 0, reason.length, UTF8_BOUNDARY) !== UTF8_BOUNDARY) {
    violations.push(violation('invalid-utf8', 'the reason is not UTF-8'))
  }
  return { close: { code, name: closeCodeName(code), reason: decodeText(reason) }, violations }
}
