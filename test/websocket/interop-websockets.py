"""Debian's python3-websockets as a peer: `client URL DEFLATE` holds the conversation, `server DEFLATE` echoes."""

import asyncio
import sys

import websockets
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)

from interop_conversation import CLOSE_ME, PROTOCOL, messages


def extensions(deflate, factory):
    return [factory(**WINDOWS)] if deflate == "windows" else None


WINDOWS = {"server_max_window_bits": 10, "client_max_window_bits": 9}


def options(deflate, factory):
    return {
        "subprotocols": [PROTOCOL],
        "max_size": None,
        "compression": "deflate" if deflate == "deflate" else None,
        "extensions": extensions(deflate, factory),
    }


async def client(url, deflate):
    async with websockets.connect(url, **options(deflate, ClientPerMessageDeflateFactory)) as ws:
        assert ws.subprotocol == PROTOCOL, ws.subprotocol
        for message in messages():
            await ws.send(message)
            assert await ws.recv() == message
        await ws.send(["frag", "ment", "ed"])
        assert await ws.recv() == "fragmented"
        await (await ws.ping(b"ping"))
        await ws.close(3001, "bye")
    async with websockets.connect(url, **options(deflate, ClientPerMessageDeflateFactory)) as ws:
        await ws.send(CLOSE_ME)
        try:
            await ws.recv()
        except websockets.ConnectionClosed:
            print("closed", ws.close_code, ws.close_reason, flush=True)


async def echo(ws, *_):
    try:
        async for message in ws:
            if message == CLOSE_ME:
                await ws.close(4001, "over")
            elif message == "fragment me":
                await ws.send(["frag", "ment", "ed"])
            else:
                await ws.send(message)
    except websockets.ConnectionClosed:
        pass
    print("closed", ws.close_code, ws.close_reason, flush=True)


async def server(deflate):
    async with websockets.serve(
        echo, "127.0.0.1", 0, **options(deflate, ServerPerMessageDeflateFactory)
    ) as listening:
        print("port", listening.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


role, *arguments = sys.argv[1:]
asyncio.run({"client": client, "server": server}[role](*arguments))
