/** The one connection of this page: every room and every panel uses it. */
import { type Client, connect, type TransportName } from 'holdfast'

export const client: Client = connect(location.origin)

export type Wanted = TransportName | 'auto'
