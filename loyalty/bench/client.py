"""A client that can make a crowd: many connections that are kept, in a process of its own."""

from __future__ import annotations

import asyncio
import multiprocessing
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loyalty.bench.served import HOST

_LONGEST = 600  # seconds that one crowd may take in all


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of some requests.

    Attributes:
        took: seconds each took, in ascending order: from when it was due, or sent where nothing was due.
        answers: how many of each kind of answer.
        seconds: from the first request to the last answer.
        processor: seconds that the client itself worked.
    """

    took: Sequence[float]
    answers: Mapping[str, int]
    seconds: float
    processor: float


def request(method: str, path: str, headers: Mapping[str, str], body: str = "") -> bytes:
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", f"Content-Length: {len(body.encode())}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def send(port: int, requests: Sequence[bytes], *, connections: int, within: float | None = None) -> Sent:
    """Send all requests over so many connections.

    Args:
        within: seconds over which they are spread, each sent when it is due, whatever became of the ones before; None:
            each connection sends its next when it has its answer.
    """
    with multiprocessing.get_context("spawn").Pool(1) as client:
        return client.apply(_send_all, (port, requests, connections, within))


def _send_all(port: int, requests: Sequence[bytes], connections: int, within: float | None) -> Sent:
    return asyncio.run(asyncio.wait_for(_send(port, requests, connections, within), _LONGEST))


async def _send(port: int, requests: Sequence[bytes], connections: int, within: float | None) -> Sent:
    due: asyncio.Queue[tuple[float | None, bytes] | None] = asyncio.Queue()
    took: list[float] = []
    answers: Counter[str] = Counter()
    began, worked = time.perf_counter(), time.process_time()

    async def work() -> None:
        reader, writer = await asyncio.open_connection(HOST, port)
        while (asked := await due.get()) is not None:
            at = time.perf_counter() if asked[0] is None else began + asked[0]
            writer.write(asked[1])
            answers[await _answer(reader)] += 1
            took.append(time.perf_counter() - at)
        writer.close()

    workers = [asyncio.create_task(work()) for _ in range(connections)]
    for number, each in enumerate(requests):
        at = None if within is None else within * number / len(requests)
        ahead = 0 if at is None else at - (time.perf_counter() - began)
        if ahead > 0.001:
            await asyncio.sleep(ahead)
        due.put_nowait((at, each))
    for _ in workers:
        due.put_nowait(None)
    await asyncio.gather(*workers)
    return Sent(
        took=sorted(took),
        answers=answers,
        seconds=time.perf_counter() - began,
        processor=time.process_time() - worked,
    )


async def _answer(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = re.search(r"(?i)\r\ncontent-length: (\d+)", head)
    body = await reader.readexactly(int(length[1]) if length else 0)
    status = head[9:12]
    refused = re.search(rb'"code": ?"(\w+)"', body) if status != "200" else None
    return f"{status} {refused[1].decode()}" if refused else status
