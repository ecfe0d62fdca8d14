/**
 * The logs of one file, as the node's thread sees them: the broker contract's operations, each one question to the
 * store's thread. It knows nothing of channels that stay in memory, nor of presence.
 */
import type {
  AppendRequest,
  AppendResult,
  Beginning,
  ChannelInfo,
  ChannelOptions,
  CreateResult,
  Fenced,
  ListRequest,
  Move,
  Page,
  ReadRequest,
  Watch,
} from '../../channel/index.ts'
import type { Told } from './answers.ts'
import type { Asked } from './operations.ts'
import { StoreThread, type StoreThreadOptions } from './store-thread.ts'
import { type Moved, Tails } from './tails.ts'

export interface DurableLogsOptions extends Pick<
  StoreThreadOptions,
  'data' | 'spawn' | 'moment' | 'channelsElsewhere'
> {
  /** Bytes of tail that are kept in memory per channel that is watched. */
  readonly tailBytes: number
}

export class DurableLogs {
  readonly #thread: StoreThread
  readonly #tails: Tails

  constructor({ tailBytes, ...options }: DurableLogsOptions) {
    this.#tails = new Tails(tailBytes)
    this.#thread = new StoreThread({
      ...options,
      told: (asked, told, move) => this.#told(asked, told, move),
      reopened: () => this.#catchUp(),
    })
  }

  /** Channels that there are. */
  get size(): number {
    return this.#thread.channels
  }

  opened(): Promise<void> {
    return this.#thread.opened()
  }

  async append(request: AppendRequest): Promise<AppendResult> {
    return (await this.#thread.ask({ kind: 'append', request }, 'append')).result
  }

  async read(request: ReadRequest): Promise<Page> {
    return (await this.#thread.ask({ kind: 'read', request }, 'read')).page
  }

  async watch(channel: string, moved: Moved): Promise<Watch> {
    const release = this.#tails.watch(channel, moved)
    try {
      await this.#thread.ask({ kind: 'tail', channel }, 'tail')
    } catch (error) {
      release()
      throw error
    }
    return { borrow: () => this.#tails.tail(channel), release }
  }

  async create(channel: string, options: ChannelOptions, beginning?: Beginning): Promise<CreateResult> {
    return (await this.#thread.ask({ kind: 'create', channel, options, beginning }, 'create')).result
  }

  async close(channel: string): Promise<boolean> {
    return (await this.#thread.ask({ kind: 'close', channel }, 'found')).found
  }

  async delete(channel: string): Promise<boolean> {
    return (await this.#thread.ask({ kind: 'delete', channel }, 'found')).found
  }

  async describe(channel: string): Promise<ChannelInfo | undefined> {
    return (await this.#thread.ask({ kind: 'describe', channel }, 'info')).info
  }

  async list(request: ListRequest): Promise<string[]> {
    return (await this.#thread.ask({ kind: 'list', ...request }, 'names')).names
  }

  /** Whether the name is a channel's here, or the marker's of one. */
  async knows(channel: string): Promise<boolean> {
    return (await this.#thread.ask({ kind: 'knows', channel }, 'found')).found
  }

  async trim(channel: string, before: number): Promise<number | undefined> {
    return (await this.#thread.ask({ kind: 'trim', channel, before }, 'trim')).floor
  }

  async fence(channel: string, id: string, epoch: number): Promise<Fenced> {
    return (await this.#thread.ask({ kind: 'fence', channel, id, epoch }, 'fence')).fenced
  }

  async sweep(): Promise<void> {
    await this.#thread.ask({ kind: 'sweep' }, 'sweep')
  }

  async dispose(): Promise<void> {
    await this.#thread.dispose()
    this.#tails.dispose()
  }

  /** Moves the tails by an answer, in the order of the answers. */
  #told(asked: Asked, told: Told, move: Move | undefined): void {
    if (told.kind === 'sweep') {
      for (const each of told.moves) this.#tails.moved(each.channel, each.move)
      return
    }
    const channel = channelOf(asked)
    if (channel === undefined) return
    if (told.kind === 'tail') this.#tails.stored(channel, told.tail)
    if (move === undefined) return
    if (asked.kind === 'append' && told.kind === 'append' && told.result.kind === 'appended') {
      const { first, time } = told.result
      this.#tails.moved(channel, move, { request: asked.request, first, time, stamps: told.stamps })
    } else {
      this.#tails.moved(channel, move)
    }
  }

  /** After a loss of the thread: commits whose answers never came are found in the tails. */
  #catchUp(): void {
    for (const channel of this.#tails.names()) {
      // Where this fails too, the thread is lost again, and there is another time.
      this.#thread.ask({ kind: 'tail', channel }, 'tail').catch(() => undefined)
    }
  }
}

const channelOf = (asked: Asked): string | undefined => {
  if ('request' in asked) return asked.request.channel
  return 'channel' in asked ? asked.channel : undefined
}
