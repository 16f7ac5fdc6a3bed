"""Listens on localhost ports and carries each connection to a Service: `forward.py PORT=HOST:PORT …`.

The application's integration tests have addresses on 127.0.0.1 written into them; as a sidecar this makes them true in a pod.
"""

import asyncio
import sys


async def pump(reader, writer):
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def carry(reader, writer, host, port):
    try:
        there, back = await asyncio.open_connection(host, port)
    except OSError as error:
        print(f"forward: {host}:{port}: {error}", file=sys.stderr, flush=True)
        writer.close()
        return
    await asyncio.gather(pump(reader, back), pump(there, writer))


async def serve(rules):
    servers = []
    for local, host, port in rules:
        handler = lambda reader, writer, host=host, port=port: carry(reader, writer, host, port)
        servers.append(await asyncio.start_server(handler, "127.0.0.1", local))
        print(f"forward: 127.0.0.1:{local} -> {host}:{port}", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


def parse(word):
    local, _, target = word.partition("=")
    host, _, port = target.rpartition(":")
    if not (local.isdigit() and host and port.isdigit()):
        raise SystemExit(f"forward: not LOCAL=HOST:PORT: {word!r}")
    return int(local), host, int(port)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    asyncio.run(serve([parse(word) for word in sys.argv[1:]]))
