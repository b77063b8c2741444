#!/usr/bin/env python3
"""A server that misbehaves as it is asked to, for tests of a client.

    stub.py [--port PORT | --unix PATH]

Prints "ready PORT" when it listens. What it does with a request stands in the
first part of its path:

    /answer       200, a JSON object        /404 /500 ...  that status
    /chunked      200, in chunks            /until-close   200, no length
    /interim      103, then 200             /bytes         200, byte by byte
    /close        200, and closes           /10            200, in HTTP/1.0
    /cut-head     half a head, and closes   /cut-body      half a body
    /cut          closes without a byte     /reset         resets
    /stall        never answers             /stall-body    half a body, no end
    /lie-long     less than it announces    /lie-short     more than that
    /twice        two answers at once       /garbage       no HTTP
    /bad-length   two lengths that differ   /bad-chunk     a broken chunk size
    /early        answers before the body is read, and closes
    /api/...      what API says of it: see there
    /count        how many requests there were by their first part
    /mix...       each of MIX in turn, counted by this path
"""
import argparse
import asyncio
import json
import socket
import struct

OK = b'{"status":"healthy"}'
MIX = ["answer", "404", "cut", "twice", "garbage", "answer", "reset",
       "cut-body", "lie-short", "chunked"]


def whole(status=b"200 OK", body=OK, fields=b""):
    return (b"HTTP/1.1 " + status + b"\r\n" + fields + b"content-length: " +
            str(len(body)).encode() + b"\r\n\r\n" + body)


ANSWERS = {
    "answer": whole(),
    "chunked": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
               b"a;x=y\r\n" + OK[:10] + b"\r\na\r\n" + OK[10:] +
               b"\r\n0\r\nx: y\r\n\r\n",
    "interim": b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + whole(),
    "twice": whole() + whole(),
    "garbage": b"SSH-2.0-stub\r\n\r\n\r\n",
    "bad-length": b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n"
                  b"content-length: 21\r\n\r\n" + OK,
    "bad-chunk": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
                 b"xyz\r\n" + OK,
    "lie-short": b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n" + OK,
    "lie-long": b"HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n" + OK,
    "stall-body": b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n" + OK[:7],
}
# What is sent before the connection closes.
LAST = {
    "close": whole(fields=b"connection: close\r\n"),
    "10": b"HTTP/1.0 200 OK\r\n\r\n" + OK,
    "until-close": b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + OK,
    "cut": b"",
    "cut-head": b"HTTP/1.1 200 OK\r\ncontent-le",
    "cut-body": b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n" + OK[:7],
}
# An API with an endpoint, and one that does not do what it says.
NUMBER = {"type": "number", "minimum": 0, "maximum": 10}
API = {"openapi": "3.1.0", "info": {"title": "Stub", "version": "1"}, "paths": {
    "/double": {"post": {
        "requestBody": {"content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/In"}}}},
        "responses": {
            "200": {"content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Out"}}}},
            "422": {"description": "refused"}}}},
    "/item/{id}": {"get": {"responses": {"200": {}}}},
    "/up": {"get": {"responses": {"200": {}}}}},
    "components": {"schemas": {
        "In": {"type": "object", "required": ["x", "n"], "properties": {
            "x": NUMBER, "n": {"type": "integer", "minimum": 1,
                               "maximum": 12},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]}}},
        "Out": {"type": "object", "required": ["y"], "properties": {
            "y": {"type": "number"}}}}}}
counts = {}


def number(value, least, most):
    return isinstance(value, (int, float)) and not isinstance(value, bool) \
        and least <= value <= most


def api(method, target, body):
    _, part, path = target.split("/", 2)
    if path == "openapi.json":
        return whole(body=json.dumps(API).encode())
    allowed = {"double": "POST", "up": "GET"}.get(path)
    if not allowed:
        return whole(b"404 Not Found")
    if method != allowed:
        return whole(b"405 Method Not Allowed")
    if path == "up":
        return whole()
    try:
        value = json.loads(body)
        x, n = value["x"], value["n"]
        note = value.get("note", "")
    except (ValueError, TypeError, KeyError):
        return whole(b"422 Unprocessable Content")
    # The bad one takes what is above the most, and answers with text.
    if not number(x, 0, 10 if part == "api" else 100) or \
            not number(n, 1, 12) or n != int(n) or \
            not (note is None or isinstance(note, str)):
        return whole(b"422 Unprocessable Content")
    y = 2 * x if part == "api" or n != 12 else "many"
    return whole(body=json.dumps({"y": y}).encode())


class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.bytes = b""
        sock = transport.get_extra_info("socket")
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data):
        self.bytes += data
        while b"\r\n\r\n" in self.bytes:
            head, rest = self.bytes.split(b"\r\n\r\n", 1)
            target = head.split(b" ", 2)[1].decode()
            part = target.split("/")[1].split("?")[0]
            length = 0
            for line in head.split(b"\r\n")[1:]:
                name, value = line.split(b":", 1)
                if name.lower() == b"content-length":
                    length = int(value)
            if part == "early":
                self.bytes = b""
                self.finish(whole(b"413 Content Too Large",
                                  fields=b"connection: close\r\n"))
                return
            if len(rest) < length:
                return
            self.bytes = rest[length:]
            if part in ("api", "bad-api"):
                method = head.split(b" ", 1)[0].decode()
                self.transport.write(api(method, target, rest[:length]))
            elif head.startswith(b"HEAD "):
                self.transport.write(whole(body=b""))
            else:
                self.answer(part)

    def answer(self, part):
        counts[part] = counts.get(part, 0) + 1
        if part.startswith("mix"):
            part = MIX[(counts[part] - 1) % len(MIX)]
        if part in ANSWERS:
            self.transport.write(ANSWERS[part])
        elif part in LAST:
            self.finish(LAST[part])
        elif part == "bytes":
            for i in range(len(ANSWERS["chunked"])):
                self.transport.write(ANSWERS["chunked"][i:i + 1])
        elif part == "reset":
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
            self.transport.abort()
        elif part == "count":
            self.transport.write(whole(body=json.dumps(counts).encode()))
        elif part == "stall":
            pass
        else:
            status = part if part.isdigit() else "404"
            self.transport.write(whole(status.encode() + b" Status"))

    def finish(self, data):
        self.transport.write(data)
        self.transport.close()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--unix")
    options = parser.parse_args()
    loop = asyncio.get_running_loop()
    if options.unix:
        server = await loop.create_unix_server(Connection, options.unix)
        print("ready", options.unix, flush=True)
    else:
        server = await loop.create_server(Connection, "127.0.0.1",
                                          options.port, backlog=1024)
        print("ready", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
