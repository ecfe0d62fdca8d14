"""Stands between clients and a server and, told to, stops reading: with windows as on a long line, since the kernel takes
megabytes for a reader on the same machine before the server notices that it does not read."""
import selectors, socket, sys

server = ("127.0.0.1", int(sys.argv[1]))
listener = socket.create_server(("127.0.0.1", 0))
ready = selectors.DefaultSelector()
ready.register(listener, selectors.EVENT_READ)
ready.register(sys.stdin, selectors.EVENT_READ)
other = {}
print(listener.getsockname()[1], flush=True)


def connect():
    near, _ = listener.accept()
    far = socket.socket()
    far.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
    far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    far.connect(server)
    for one, another in ((near, far), (far, near)):
        other[one] = another
        ready.register(one, selectors.EVENT_READ)


def pass_on(one):
    data = one.recv(65536)
    if data:
        other[one].sendall(data)
        return
    for each in (one, other.pop(one)):
        other.pop(each, None)
        ready.unregister(each)
        each.close()


while True:
    for key, _ in ready.select():
        if key.fileobj is listener:
            connect()
        elif key.fileobj is sys.stdin:
            if not sys.stdin.readline():
                sys.exit(0)
            for one in other:
                ready.unregister(one)
            break
        elif key.fileobj in other:
            pass_on(key.fileobj)
