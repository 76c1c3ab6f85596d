"""Showing an outcome on a real connection."""

import asyncio
import socket
import struct

from aeghash.sandbox.faults.outcomes import Outcome
from aeghash.sandbox.serving.wire import response_head

LONGEST_SILENCE = 600
LINGER_NOT = struct.pack("ii", 1, 0)


async def play(
    outcome: Outcome, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, keep_alive: bool
) -> bool:
    """Let the caller see the outcome; return whether the connection can take another request."""
    if outcome.delay_ms:
        await asyncio.sleep(outcome.delay_ms / 1000)
    if outcome.kind == "timeout":
        await _stay_silent(reader)
        return False
    head = response_head(
        outcome.status,
        length=len(outcome.body),
        content_type=outcome.content_type,
        keep_alive=keep_alive and outcome.kind == "answered",
        extra={} if outcome.location is None else {"Location": outcome.location},
    )
    if outcome.kind == "reset":
        await _send_and_reset((head + outcome.body)[: outcome.sent], writer)
        return False
    await _send(head, outcome.body[: outcome.sent], outcome.pace_ms, writer)
    return keep_alive and outcome.kind == "answered"


async def _stay_silent(reader: asyncio.StreamReader) -> None:
    """Wait until the caller gives up."""
    try:
        await asyncio.wait_for(reader.read(1), LONGEST_SILENCE)
    except TimeoutError:
        return


async def _send(head: bytes, body: bytes, pace_ms: int, writer: asyncio.StreamWriter) -> None:
    if not pace_ms:
        writer.write(head + body)
        await writer.drain()
        return
    writer.write(head)
    for index in range(len(body)):
        await asyncio.sleep(pace_ms / 1000)
        writer.write(body[index : index + 1])
        await writer.drain()


async def _send_and_reset(part: bytes, writer: asyncio.StreamWriter) -> None:
    if part:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.02)  # so that the bytes arrive before the reset discards what isn't sent
    # Closing without lingering is what makes the kernel send a reset instead of an end.
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
    writer.transport.abort()
