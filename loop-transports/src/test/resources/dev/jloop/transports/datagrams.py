"""Datagrams with asyncio.

datagrams.py server         prints its port; answers each datagram with itself, until one is "last"
datagrams.py client PORT    sends four datagrams, each when the one before was answered
"""

import asyncio
import sys


class Echo(asyncio.DatagramProtocol):
    def __init__(self):
        self.done = asyncio.get_running_loop().create_future()
        self.sizes = []

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        self.sizes.append(len(data))
        if data:
            self.transport.sendto(data, address)
        else:
            # asyncio sends no empty datagram before Python 3.13.
            self.transport.get_extra_info("socket")._sock.sendto(data, address)
        if data == b"last":
            self.done.set_result(None)


class Questions(asyncio.DatagramProtocol):
    def __init__(self):
        self.answers = asyncio.Queue()

    def datagram_received(self, data, address):
        self.answers.put_nowait(data)


async def serve():
    loop = asyncio.get_running_loop()
    transport, echo = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    print(f"port {transport.get_extra_info('sockname')[1]}", flush=True)
    await echo.done
    print("received " + ", ".join(map(str, echo.sizes)), flush=True)
    transport.close()


async def ask(port):
    loop = asyncio.get_running_loop()
    transport, questions = await loop.create_datagram_endpoint(
        Questions, remote_addr=("127.0.0.1", port)
    )
    sizes = []
    for question in (b"small", b"", bytes(65507), b"last"):
        if question:
            transport.sendto(question)
        else:
            transport.get_extra_info("socket")._sock.send(question)
        answer = await questions.answers.get()
        assert answer == question, (answer, question)
        sizes.append(len(answer))
    print("answered " + ", ".join(map(str, sizes)), flush=True)
    transport.close()


if sys.argv[1] == "server":
    asyncio.run(serve())
else:
    asyncio.run(ask(int(sys.argv[2])))
