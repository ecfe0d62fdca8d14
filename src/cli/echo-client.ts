// `holdfast echo --connect`: the client's side of the same endpoint. It dials, sends every message back as it came until
// the server closes, and dials again as often as it was told to. It says how each connection ended and judges nothing.

import { dial, DialError, type DialOptions } from '../wire/index.ts'

export interface EchoClientOptions extends Omit<DialOptions, 'handler'> {
  readonly url: URL
  /** How many connections to make, one after the other. */
  readonly times: number
}

/** Resolves with the exit code: 0, or 1 if a connection could not be opened. */
export async function echoTo({ url, times, ...options }: EchoClientOptions): Promise<number> {
  let exitCode = 0
  for (let time = 0; time < times; time++) {
    try {
      console.log(await echoOnce(url, options))
    } catch (error) {
      if (!(error instanceof DialError)) throw error
      // A peer's words are printed as JSON: they cannot pretend to be lines of ours.
      console.log(`failed ${error.code} ${JSON.stringify(error.message)}`)
      exitCode = 1
    }
  }
  return exitCode
}

function echoOnce(url: URL, options: Omit<DialOptions, 'handler'>): Promise<string> {
  return new Promise((resolve, reject) => {
    dial(url, {
      ...options,
      handler: {
        message: (connection, data) => void connection.send(data),
        close: (_, code, reason) => resolve(`closed ${code} ${JSON.stringify(reason)}`),
      },
    }).catch(reject)
  })
}
