"""Keccak-256 as Ethereum has it: the standard library's SHA-3 pads otherwise. Only for the checksums of addresses."""

from typing import Final

RATE: Final = 136
WORD: Final = (1 << 64) - 1
ROUNDS: Final = 24
# How far each lane is turned, at x + 5 y.
TURNS: Final = (0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14)


def keccak_256(message: bytes) -> bytes:
    padded = bytearray(message + b"\x01" + b"\0" * (-(len(message) + 1) % RATE))
    padded[-1] |= 0x80
    lanes = [0] * 25
    for start in range(0, len(padded), RATE):
        for lane in range(RATE // 8):
            lanes[lane] ^= int.from_bytes(padded[start + 8 * lane : start + 8 * lane + 8], "little")
        lanes = _permuted(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _permuted(lanes: list[int]) -> list[int]:
    register = 1
    for _ in range(ROUNDS):
        columns = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        mixed = [columns[(x - 1) % 5] ^ _turned(columns[(x + 1) % 5], 1) for x in range(5)]
        moved = [0] * 25
        for x in range(5):
            for y in range(5):
                moved[y + 5 * ((2 * x + 3 * y) % 5)] = _turned(lanes[x + 5 * y] ^ mixed[x], TURNS[x + 5 * y])
        lanes = [
            moved[x + 5 * y] ^ (~moved[(x + 1) % 5 + 5 * y] & WORD & moved[(x + 2) % 5 + 5 * y])
            for y in range(5)
            for x in range(5)
        ]
        constant, register = _round_constant(register)
        lanes[0] ^= constant
    return lanes


def _round_constant(register: int) -> tuple[int, int]:
    """Seven steps of the standard's shift register, each of which gives one bit."""
    constant = 0
    for step in range(7):
        if register & 1:
            constant |= 1 << ((1 << step) - 1)
        register = (register << 1) ^ (0x171 if register & 0x80 else 0)
    return constant, register & 0xFF


def _turned(lane: int, by: int) -> int:
    return (lane << by | lane >> (64 - by)) & WORD
