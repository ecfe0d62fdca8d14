// Node's TCP handle, on which its own Socket stands: as far as it is used here, and found by probing. It is an internal of
// Node (`process.binding`, documented only as deprecated): where it is not as expected, or not allowed (`--permission`),
// there is none.

import { getSystemErrorName } from 'node:util'

/** A write or a shutdown that is under way. */
export interface HandleRequest {
  oncomplete?: (this: this, status: number) => void
  /** What must not be collected meanwhile. */
  data?: unknown
}

export interface Address {
  address?: string
  family?: string
  port?: number
}

/** Methods with a number as their result give an errno, 0 where all is well. */
export interface TcpHandle {
  /** Bytes are in the user's buffer, or `bytesOrError()` says what else has happened. */
  onread: (this: TcpHandle) => void
  readonly bytesRead: number
  readonly bytesWritten: number
  /** Kept by node:net, for itself. */
  reading?: boolean
  useUserBuffer(buffer: Uint8Array): void
  readStart(): number
  readStop(): number
  writeLatin1String(request: HandleRequest, text: string): number
  writeBuffer(request: HandleRequest, bytes: Uint8Array): number
  writev(request: HandleRequest, bytes: readonly Uint8Array[], allBuffers: true): number
  shutdown(request: HandleRequest): number
  setNoDelay(on: boolean): number
  getpeername(address: Address): number
  getsockname(address: Address): number
  close(done: () => void): void
}

interface StreamWrap {
  readonly WriteWrap: new () => HandleRequest
  readonly ShutdownWrap: new () => HandleRequest
  readonly streamBaseState: Int32Array
  readonly kReadBytesOrError: number
  readonly kLastWriteWasAsync: number
}

const find = (): StreamWrap | undefined => {
  const { binding, throwDeprecation } = process as unknown as {
    binding?: (name: string) => unknown
    throwDeprecation?: boolean
  }
  // With --pending-deprecation Node warns of it, and this would make the warning the end of the process.
  if (throwDeprecation === true) return undefined
  try {
    const found = binding?.call(process, 'stream_wrap') as Partial<StreamWrap> | undefined
    const { WriteWrap, ShutdownWrap, streamBaseState, kReadBytesOrError, kLastWriteWasAsync } = found ?? {}
    const isThere =
      typeof WriteWrap === 'function' &&
      typeof ShutdownWrap === 'function' &&
      streamBaseState !== undefined &&
      kReadBytesOrError !== undefined &&
      kLastWriteWasAsync !== undefined
    return isThere ? (found as StreamWrap) : undefined
  } catch {
    return undefined
  }
}

let streamWrap: StreamWrap | undefined

/** Whether handles are what this file says. Where they are not, nothing else here may be called; nor before it. */
export const findHandles = (): boolean => {
  streamWrap ??= find()
  return streamWrap !== undefined
}

export const isTcpHandle = (handle: Partial<TcpHandle> | undefined): handle is TcpHandle =>
  typeof handle?.setNoDelay === 'function' && typeof handle.useUserBuffer === 'function'

/** What the read came to that is being told: bytes, or a negative errno. */
export const bytesOrError = (): number => streamWrap!.streamBaseState[streamWrap!.kReadBytesOrError]!

/** Whether the last write goes on; otherwise the kernel has taken all of it, and its request is not heard of again. */
export const isLastWriteUnderWay = (): boolean =>
  streamWrap!.streamBaseState[streamWrap!.kLastWriteWasAsync] !== 0

export const newWrite = (): HandleRequest => new streamWrap!.WriteWrap()

export const newShutdown = (): HandleRequest => new streamWrap!.ShutdownWrap()

export interface ErrnoError extends Error {
  readonly code: string
  readonly errno: number
  readonly syscall: string
}

/** As Node makes them. */
export const errnoError = (errno: number, syscall: string): ErrnoError => {
  const code = getSystemErrorName(errno)
  return Object.assign(new Error(`${syscall} ${code}`), { errno, code, syscall })
}
