/**
 * What the WebSocket transport needs of a WebSocket, in a browser or elsewhere. It says what happened and keeps
 * nothing: no queue, no retry.
 */
import { TransportError } from '../errors.ts'

export interface SocketEvents {
  open(): void
  message(data: string | Uint8Array): void
  /** It ended, or never opened (`error` says more, where the platform tells). */
  close(code: number, error?: TransportError): void
}

export interface Socket {
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(): void
}

export type OpenSocket = (url: string, protocol: string, events: SocketEvents) => Socket

/** Over a constructor like the browser's. */
export const platformSocket =
  (Constructor: typeof WebSocket | undefined): OpenSocket =>
  (url, protocol, events) => {
    const Made = Constructor ?? globalThis.WebSocket
    const socket = new Made(url, protocol)
    let opened = false
    socket.binaryType = 'arraybuffer'
    socket.onopen = (): void => {
      opened = true
      events.open()
    }
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>): void =>
      events.message(typeof data === 'string' ? data : new Uint8Array(data))
    // Why it could not open is not told to scripts; only that.
    socket.onclose = ({ code }: CloseEvent): void =>
      events.close(code, opened ? undefined : new TransportError('upgrade_refused', 'nothing more is known'))
    return {
      send: (data) => socket.send(data),
      close: () => socket.close(1000),
    }
  }
