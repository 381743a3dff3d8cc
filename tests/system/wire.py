"""A bare protocol-3 client over a Unix socket, standard library only, for the scenarios."""
import socket
import struct


class Failed(Exception):
    """An ErrorResponse; code is its SQLSTATE."""

    def __init__(self, fields):
        self.code = fields.get("C", "?????")
        super().__init__(f"{self.code} {fields.get('M', '')}")


class Session:
    def __init__(self, directory, user="admin", database="bibd", timeout=20, start=True):
        """directory: or the socket itself"""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(directory if ".s.PGSQL." in directory else f"{directory}/.s.PGSQL.5432")
        self.buffer = b""
        self.parameters, self.process, self.key, self.state = {}, 0, 0, "?"
        if start:
            self.send_startup(user=user, database=database)
            self.until_ready()

    def close(self):
        self.socket.close()

    def send_startup(self, **settings):
        body = struct.pack("!i", 3 << 16)
        body += b"".join(f"{k}\0{v}\0".encode() for k, v in settings.items()) + b"\0"
        self.socket.sendall(struct.pack("!i", len(body) + 4) + body)

    def send(self, kind, body=b""):
        self.socket.sendall(kind.encode() + struct.pack("!i", len(body) + 4) + body)

    def take(self, n):
        while len(self.buffer) < n:
            got = self.socket.recv(65536)
            if not got:
                raise ConnectionResetError("the server closed the connection")
            self.buffer += got
        out, self.buffer = self.buffer[:n], self.buffer[n:]
        return out

    def message(self):
        head = self.take(5)
        return chr(head[0]), self.take(struct.unpack("!i", head[1:])[0] - 4)

    def until_ready(self):
        """Rows of all results up to ReadyForQuery; raises the first error, after it."""
        rows, failure = [], None
        while True:
            kind, body = self.message()
            if kind == "D":
                rows.append(read_row(body))
            elif kind == "S":
                name, value = body[:-1].split(b"\0")
                self.parameters[name.decode()] = value.decode()
            elif kind == "K":
                self.process, self.key = struct.unpack("!ii", body)
            elif kind == "E":
                failure = failure or Failed(read_fields(body))
                if failure.code.startswith("57P0") or failure.code.startswith("28") or self.state == "?":
                    raise failure
            elif kind == "Z":
                self.state = body.decode()
                if failure:
                    raise failure
                return rows

    def query(self, text):
        self.send("Q", text.encode() + b"\0")
        return self.until_ready()


def message(kind, body=b""):
    return kind.encode() + struct.pack("!i", len(body) + 4) + body


def parse(name, text, types=()):
    return message("P", f"{name}\0{text}\0".encode() + struct.pack(f"!H{len(types)}i", len(types), *types))


def bind(name="", *values, portal=""):
    """Values as text."""
    body = f"{portal}\0{name}\0".encode() + struct.pack("!HH", 0, len(values))
    for value in values:
        value = None if value is None else str(value).encode()
        body += struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
    return message("B", body + struct.pack("!h", 0))


def execute(portal="", rows=0):
    return message("E", f"{portal}\0".encode() + struct.pack("!i", rows))


def describe(what, name=""):
    return message("D", f"{what}{name}\0".encode())


def close(what, name=""):
    return message("C", f"{what}{name}\0".encode())


def read_row(body):
    count, at, row = struct.unpack("!H", body[:2])[0], 2, []
    for _ in range(count):
        length = struct.unpack("!i", body[at:at + 4])[0]
        at += 4
        row.append(None if length < 0 else body[at:at + length].decode())
        at += max(length, 0)
    return row


def read_fields(body):
    return {chr(f[0]): f[1:].decode(errors="replace") for f in body.split(b"\0") if f}
