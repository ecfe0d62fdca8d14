"""What the Python peers say, and the words that both sides know."""

PROTOCOL = "echo.v1"
CLOSE_ME = "close me"


def messages():
    yield from ["", "a", "Gr\u00fc\u00dfe \U0001f600", "x" * 126, "\u00e9" * 40_000]
    yield from [b"", b"\x00" * 65_536, bytes(range(128)) * 8_192]
    for number in range(20):
        yield '{"user":"alice","text":"the same again, but for the number","number":%d}' % number
