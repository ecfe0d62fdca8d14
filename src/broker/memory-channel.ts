/**
 * One life of one channel in the memory broker: its log, its ledger and, where it is conflated, the latest
 * entry of each key. Every method is one atomic step. It knows nothing of watchers or names.
 */
import {
  type AppendRequest,
  type AppendResult,
  type ChannelInfo,
  type ChannelOptions,
  Conflation,
  hasExpired,
  type Run,
  Ledger,
  type LedgerOptions,
  Log,
  type Page,
  type PageLimit,
  type Publication,
  type ReadRequest,
  resume,
  type ResumeOptions,
} from '../channel/index.ts'
import { decideAppend } from './append-decision.ts'

export class MemoryChannel {
  readonly log: Log
  readonly ledger: Ledger
  readonly #options: ChannelOptions
  readonly #createdMs: number
  readonly #conflation: Conflation | undefined
  /** The greatest sequence that a writer gave. */
  #sequence: string | undefined
  /** When it was made, appended to, closed or read last. */
  #usedMs: number

  constructor(epoch: string, options: ChannelOptions, nowMs: number, ledger: LedgerOptions) {
    this.log = new Log(epoch)
    this.ledger = new Ledger(ledger)
    this.#options = options
    this.#createdMs = nowMs
    this.#usedMs = nowMs
    this.#conflation = options.conflated ? new Conflation() : undefined
  }

  hasExpired(nowMs: number): boolean {
    return hasExpired(this.#options.expiry, this.#usedMs, nowMs)
  }

  append(request: AppendRequest, nowMs: number): AppendResult {
    const { producer } = request
    const decided = decideAppend(request, {
      log: this.log,
      options: this.#options,
      verdict: producer === undefined ? undefined : this.ledger.check(producer),
      keys: this.#conflation,
      sequence: this.#sequence,
    })
    if (decided?.kind !== 'refused') this.#usedMs = nowMs
    if (decided !== undefined) return decided
    this.#sequence = request.sequence ?? this.#sequence
    const first = this.log.top + 1
    for (const entry of request.entries) this.#appendOne(entry, producer, nowMs)
    const last = this.log.top
    if (request.close === true) this.log.status = 'closed'
    if (producer !== undefined) this.ledger.accept(producer, { first, last }, nowMs)
    this.#dropped(this.log.retain(this.#options.retention, nowMs))
    return { kind: 'appended', epoch: this.log.epoch, first, last, time: nowMs }
  }

  read(request: ReadRequest, nowMs: number): Page {
    this.#usedMs = nowMs
    const conflation = request.conflate === true ? this.#conflation : undefined
    const options: ResumeOptions = {
      ephemeral: this.#options.ephemeral,
      ...(conflation === undefined ? {} : { conflatedFrom: conflation.servesFrom }),
    }
    const resumption = resume(request.from, this.log, options)
    const { after } = resumption
    const { entries, upTo } =
      conflation === undefined
        ? this.#plainRun(after, request.limit)
        : conflation.read(after, this.log, request.limit)
    return {
      kind: 'page',
      epoch: this.log.epoch,
      floor: this.log.floor,
      top: this.log.top,
      status: this.log.status,
      contentType: this.#options.contentType,
      conflated: this.#options.conflated,
      metadata: this.#options.metadata,
      gap: resumption.kind === 'gap' ? resumption.why : undefined,
      skippedFrom: resumption.kind === 'skip' ? resumption.from : undefined,
      after,
      upTo,
      entries,
    }
  }

  /** Lets go of everything before `offset`; false when there was nothing. */
  trim(before: number): boolean {
    const dropped = this.log.trim(before)
    this.#dropped(dropped)
    return dropped.length > 0
  }

  close(nowMs: number): void {
    this.#usedMs = nowMs
    this.log.status = 'closed'
  }

  delete(): void {
    this.log.trim(this.log.top + 1)
    this.log.status = 'deleted'
  }

  /** Retention by age, and the ledger's; true when the log moved. */
  sweep(nowMs: number): boolean {
    const dropped = this.log.retain(this.#options.retention, nowMs)
    this.#dropped(dropped)
    this.ledger.sweep(nowMs, this.log.count === 0 ? Infinity : this.log.at(this.log.floor).time)
    return dropped.length > 0
  }

  describe(channel: string): ChannelInfo {
    const { epoch, floor, top, status, bytes } = this.log
    return { channel, options: this.#options, epoch, floor, top, status, createdMs: this.#createdMs, bytes }
  }

  #appendOne(
    entry: AppendRequest['entries'][number],
    producer: AppendRequest['producer'],
    nowMs: number,
  ): void {
    const publication: Publication = {
      offset: this.log.top + 1,
      time: nowMs,
      data: entry.data,
      key: entry.key,
      removed: entry.remove === true,
      producer:
        producer === undefined ? undefined : { id: producer.id, epoch: producer.epoch, seq: producer.seq },
      stamp: undefined,
    }
    this.log.append(publication)
    if (entry.key !== undefined) this.#conflation?.appended(entry.key, publication)
  }

  #plainRun(after: number, limit: PageLimit): Run {
    const upTo = this.log.pageEnd(after, limit)
    const entries = this.log.slice(after, upTo)
    return { entries: entries.map((publication) => ({ from: publication.offset - 1, publication })), upTo }
  }

  #dropped(publications: readonly Publication[]): void {
    this.#conflation?.dropped(publications)
  }
}
