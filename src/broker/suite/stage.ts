/** What each part of the broker suite stands on: a fresh broker per test, its clock, and shorthands for its calls. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type {
  AppendEntry,
  AppendRequest,
  AppendResult,
  Broker,
  ChannelOptions,
  LedgerOptions,
  Page,
  PageLimit,
  Position,
  ReadRequest,
  RefusalCode,
} from '../../channel/index.ts'

/** What a broker is given instead of the world. */
export interface BrokerSurroundings {
  readonly now: () => number
  readonly random: () => number
  readonly maxChannels?: number
  readonly ledger?: LedgerOptions
  readonly deletedMarkerMs?: number
}

export interface BrokerOnStage {
  readonly broker: Broker
  /** Fulfilled when watchers have been told of everything that has happened. */
  told(): Promise<void>
}

export type MakeBroker = (surroundings: BrokerSurroundings) => Promise<BrokerOnStage>

export const PLAIN: ChannelOptions = {
  contentType: 'json',
  retention: { count: 1_000, ageMs: 3_600_000, bytes: 1_000_000 },
  ephemeral: false,
  conflated: false,
  maxKeys: 1_000,
}
export const KEYED: ChannelOptions = { ...PLAIN, conflated: true }
export const EPHEMERAL: ChannelOptions = { ...PLAIN, ephemeral: true }
export const keeping = (
  retention: Partial<ChannelOptions['retention']>,
  options = PLAIN,
): ChannelOptions => ({
  ...options,
  retention: { ...options.retention, ...retention },
})

export const PAGE: PageLimit = { count: 100, bytes: 1_000_000 }

export type Appended = Extract<AppendResult, { kind: 'appended' }>
export type Found = Extract<Page, { kind: 'page' }>

/** A broker under test, on channel `c` unless another is named. */
export class Stage {
  readonly broker: Broker
  readonly told: () => Promise<void>
  readonly clock: { ms: number }

  constructor(onStage: BrokerOnStage, clock: { ms: number }) {
    this.broker = onStage.broker
    this.told = () => onStage.told()
    this.clock = clock
  }

  append(entries: readonly AppendEntry[], request: Partial<AppendRequest> = {}): Promise<AppendResult> {
    return this.broker.append({ channel: 'c', entries, create: PLAIN, ...request })
  }

  /** One publication of `text`, which must be accepted. */
  async publish(text: string, request: Partial<AppendRequest> = {}): Promise<Appended> {
    return appended(await this.append([{ data: JSON.stringify(text) }], request))
  }

  async publishAll(texts: Iterable<string>, request: Partial<AppendRequest> = {}): Promise<Appended> {
    return appended(
      await this.append(
        [...texts].map((text) => ({ data: JSON.stringify(text) })),
        request,
      ),
    )
  }

  async put(key: string, data: string, options: ChannelOptions = KEYED): Promise<Appended> {
    return appended(await this.append([{ key, data }], { create: options }))
  }

  async remove(key: string, options: ChannelOptions = KEYED): Promise<Appended> {
    return appended(await this.append([{ key, data: 'null', remove: true }], { create: options }))
  }

  async page(from: Position, request: Partial<ReadRequest> = {}): Promise<Page> {
    const [page] = await this.broker.read([{ channel: 'c', from, limit: PAGE, ...request }])
    assert.ok(page)
    return page
  }

  async read(from: Position, request: Partial<ReadRequest> = {}): Promise<Found> {
    const page = await this.page(from, request)
    assert.equal(page.kind, 'page')
    return page as Found
  }
}

/** A test on a fresh broker. */
export const staged = (
  name: string,
  make: MakeBroker,
  act: (stage: Stage) => Promise<void>,
  surroundings: Partial<BrokerSurroundings> = {},
): void => {
  test(name, async () => {
    const stage = await setStage(make, surroundings)
    await act(stage)
    await stage.broker.dispose()
  })
}

export const setStage = async (
  make: MakeBroker,
  surroundings: Partial<BrokerSurroundings> = {},
): Promise<Stage> => {
  const clock = { ms: 1_700_000_000_000 }
  let state = 1
  const random = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state / 2 ** 32
  }
  return new Stage(await make({ now: () => clock.ms, random, ...surroundings }), clock)
}

export const appended = (result: AppendResult): Appended => {
  assert.equal(result.kind, 'appended', JSON.stringify(result))
  return result as Appended
}

export const refused = (result: AppendResult, code: RefusalCode): void => {
  assert.equal(result.kind === 'refused' ? result.code : result.kind, code)
}

/** The payloads of a page, parsed. */
export const textsOf = (page: Found): unknown[] =>
  page.entries.map(({ publication: { data } }) => JSON.parse(data as string) as unknown)

/** `from>key=data@offset` of each entry of a page. */
export const written = (page: Found): string =>
  page.entries
    .map(({ from, publication: { key, data, removed, offset } }) => {
      const value = removed ? '-' : (data as string)
      return `${from}>${key ?? ''}=${value}@${offset}`
    })
    .join(' ')
