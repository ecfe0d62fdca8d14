"""The kernel alone: a loop that writes ready bytes to every socket. It answers every request with the same handshake."""
import json, os, select, socket, sys, time

ANSWER = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
poll = select.epoll()
poll.register(listener.fileno(), select.EPOLLIN)
poll.register(0, select.EPOLLIN)
sockets = {}
say = lambda message: (sys.stdout.write(json.dumps(message) + "\n"), sys.stdout.flush())
say({"kind": "listening", "port": listener.getsockname()[1]})


def publish(request):
    left = request["publications"]
    while left > 0:
        time.sleep(request["intervalMs"] / 1000)
        for _ in range(min(request["burst"], left)):
            head = '{"at":"@%.3f","text":"' % (time.time() * 1000)
            payload = (head + "x" * max(0, request["bytes"] - len(head) - 2) + '"}').encode()
            length = len(payload)
            frame = (bytes([0x81, length]) if length < 126 else bytes([0x81, 126, length >> 8, length & 255])) + payload
            for fd in list(sockets):
                try:
                    os.write(fd, frame)
                except OSError:
                    pass
            left -= 1
    say({"kind": "published"})


while True:
    for fd, _ in poll.poll():
        if fd == listener.fileno():
            accepted, _ = listener.accept()
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sockets[accepted.fileno()] = accepted
            poll.register(accepted.fileno(), select.EPOLLIN)
        elif fd == 0:
            line = sys.stdin.readline()
            if not line:
                sys.exit(0)
            request = json.loads(line)
            if request["kind"] == "round":
                publish(request)
            else:
                say({"kind": "collected"})
        else:
            if os.read(fd, 65536):
                os.write(fd, ANSWER)
            else:
                poll.unregister(fd)
                sockets.pop(fd).close()
