// The report as one JSON object a line. The shapes are documented in the usage text of `inspect` and stay as they are;
// keys may be added.

import { annotatedFrameJson, hexadecimal } from '../../websocket/index.ts'
import type { AnswerHead, RequestHead, Security } from './opening.ts'
import type { Report } from './report.ts'
import type { SeenFrame, Summary } from './session.ts'

export class JsonLines implements Report {
  readonly #write: (text: string) => void

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  connected(address: string, security: Security | undefined): void {
    this.#line({ type: 'connected', address, ...(security !== undefined && { tls: security }) })
  }

  request({ target, headers, expectedAccept }: RequestHead): void {
    this.#line({ type: 'request', method: 'GET', target, headers: pairs(headers), expectedAccept })
  }

  answer({ status, reason, headers, expectedAccept, afterMs, error, body }: AnswerHead): void {
    this.#line({
      type: 'answer',
      status,
      reason,
      headers: pairs(headers),
      expectedAccept,
      afterMs: round(afterMs),
      ...(error !== undefined && { error: { code: error.code, message: error.message } }),
      ...(body !== undefined && { body }),
    })
  }

  frame({ timeMs, direction, frame }: SeenFrame): void {
    const shown =
      frame.stage === 'cut-header'
        ? { ...frame, header: hexadecimal(frame.header) }
        : annotatedFrameJson(frame)
    this.#line({ type: 'frame', direction, timeMs: round(timeMs), ...shown })
  }

  summary({ durationMs, error, ...rest }: Summary): void {
    this.#line({
      type: 'summary',
      durationMs: round(durationMs),
      ...rest,
      ...(error !== undefined && { error: { code: error.code, message: error.message } }),
    })
  }

  #line(value: object): void {
    this.#write(`${JSON.stringify(value)}\n`)
  }
}

/** To the microsecond. */
const round = (ms: number): number => Math.round(ms * 1000) / 1000

const pairs = (list: readonly string[]): [string, string][] => {
  const result: [string, string][] = []
  for (let at = 0; at + 1 < list.length; at += 2) result.push([list[at]!, list[at + 1]!])
  return result
}
