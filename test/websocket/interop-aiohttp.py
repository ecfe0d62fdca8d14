"""Debian's python3-aiohttp as a peer: `client URL DEFLATE` holds the conversation, `server DEFLATE` echoes."""

import asyncio
import sys

import aiohttp
from aiohttp import web

from interop_conversation import CLOSE_ME, PROTOCOL, messages

COMPRESS = {"off": 0, "deflate": 15, "windows": 10}


async def send(ws, message):
    await (ws.send_str if isinstance(message, str) else ws.send_bytes)(message)


async def client(url, deflate):
    options = {"protocols": [PROTOCOL], "max_msg_size": 0, "compress": COMPRESS[deflate]}
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url, **options) as ws:
            assert ws.protocol == PROTOCOL, ws.protocol
            for message in messages():
                await send(ws, message)
                assert (await ws.receive()).data == message
            await ws.ping(b"ping")
            await ws.close(code=3001, message=b"bye")
        async with session.ws_connect(url, **options) as ws:
            await ws.send_str(CLOSE_ME)
            heard = await ws.receive()
            print("closed", heard.data, heard.extra, flush=True)


async def echo(request):
    ws = web.WebSocketResponse(
        protocols=[PROTOCOL], max_msg_size=0, compress=request.app["deflate"] != "off"
    )
    await ws.prepare(request)
    reason = None
    async for message in ws:
        if message.data == CLOSE_ME:
            await ws.close(code=4001, message=b"over")
        else:
            await send(ws, message.data)
    print("closed", ws.close_code, reason, flush=True)
    return ws


async def server(deflate):
    application = web.Application()
    application["deflate"] = deflate
    application.router.add_get("/", echo)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print("port", site._server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Future()


role, *arguments = sys.argv[1:]
asyncio.run({"client": client, "server": server}[role](*arguments))
