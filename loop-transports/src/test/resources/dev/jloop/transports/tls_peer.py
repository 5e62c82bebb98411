"""A TLS peer with Python's ssl and asyncio; what it saw, it prints.

tls_peer.py VERSION serve CERTIFICATE KEY AUTHORITY    prints its port, then echoes one connection to its end
tls_peer.py VERSION send AUTHORITY PORT N              sends N bytes, reads them back, and says goodbye
tls_peer.py VERSION cut AUTHORITY PORT N               sends N bytes and leaves without a goodbye
tls_peer.py VERSION leave AUTHORITY PORT N             sends N bytes, says goodbye, waits for the answer
tls_peer.py VERSION listen AUTHORITY PORT N            sends N bytes, reads to the end
"""

import asyncio
import socket
import ssl
import sys
import zlib

VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}


def say(text):
    print(text, flush=True)


def pattern(count):
    return bytes(index % 251 for index in range(count))


def report(data):
    say(f"received {len(data)} crc {zlib.crc32(data)}")


def with_version(context):
    context.minimum_version = context.maximum_version = VERSIONS[sys.argv[1]]
    context.set_alpn_protocols(["jloop/1", "echo/1"])
    return context


def describe(connection):
    say(f"{connection.version()} {connection.selected_alpn_protocol()}")


async def serve(certificate, key, authority):
    context = with_version(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority))
    context.load_cert_chain(certificate, key)
    context.verify_mode = ssl.CERT_REQUIRED
    done = asyncio.get_running_loop().create_future()

    async def handle(reader, writer):
        try:
            connection = writer.get_extra_info("ssl_object")
            describe(connection)
            say(f"peer {connection.getpeercert()['subject'][0][0][1]}")
            data = b""
            while piece := await reader.read(65536):
                data += piece
                writer.write(piece)
                await writer.drain()
            report(data)
            writer.close()
            await writer.wait_closed()
            done.set_result("closed")
        except Exception as failure:
            done.set_result(repr(failure))

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    say(f"port {server.sockets[0].getsockname()[1]}")
    say(await done)
    server.close()


async def send(authority, port, count):
    context = with_version(ssl.create_default_context(cafile=authority))
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    describe(writer.get_extra_info("ssl_object"))
    writer.write(pattern(count))
    report(await reader.readexactly(count))
    writer.close()
    await writer.wait_closed()
    say("closed")


def connect(authority, port):
    context = with_version(ssl.create_default_context(cafile=authority))
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost",
                               suppress_ragged_eofs=False)


def cut(authority, port, count):
    connection = connect(authority, port)
    connection.sendall(pattern(count))
    # Without unwrap() there is no close_notify. What is unread at the end would turn the end into a reset.
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65536):
        pass


def leave(authority, port, count):
    connection = connect(authority, port)
    connection.sendall(pattern(count))
    connection.unwrap().close()
    say("unwrapped")


def listen(authority, port, count):
    connection = connect(authority, port)
    connection.sendall(pattern(count))
    data = b""
    try:
        while piece := connection.recv(65536):
            data += piece
        say("goodbye")
    except OSError as failure:
        say(f"failed: {failure!r}")
    report(data)


action = sys.argv[2]
if action == "serve":
    asyncio.run(serve(*sys.argv[3:6]))
elif action == "send":
    asyncio.run(send(sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
else:
    {"cut": cut, "leave": leave, "listen": listen}[action](sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
