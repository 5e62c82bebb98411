"""Half-close with asyncio: sends, ends its output, and goes on reading.

half_close.py server           prints its port; then reads to the end and sends everything back
half_close.py client PORT N    sends N bytes, ends its output, and reads to the end
"""

import asyncio
import sys
import zlib


def report(data):
    print(f"received {len(data)} crc {zlib.crc32(data)}", flush=True)


async def serve():
    done = asyncio.get_running_loop().create_future()

    async def handle(reader, writer):
        data = await reader.read()
        report(data)
        writer.write(data)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        done.set_result(None)

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    print(f"port {server.sockets[0].getsockname()[1]}", flush=True)
    await done
    server.close()


async def connect(port, count):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(bytes(index % 251 for index in range(count)))
    writer.write_eof()
    report(await reader.read())
    writer.close()
    await writer.wait_closed()


if sys.argv[1] == "server":
    asyncio.run(serve())
else:
    asyncio.run(connect(int(sys.argv[2]), int(sys.argv[3])))
