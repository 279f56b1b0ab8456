"""Identifiers: ordered by time, made outside the database, 63 bits wide.

Layout: 41 bits of milliseconds since 2020, 10 bits of process, 12 bits of sequence. Two processes that share the
10 bits can only collide within one millisecond, and then a primary key refuses the second, which is tried again.
"""

import os
import secrets
import threading
import time

BUCKETS = 256  # slices of all holders

_EPOCH_MS = 1_577_836_800_000
_SEQUENCE_BITS = 12
_PROCESS_BITS = 10
BUCKETS = 256


class _Sequence:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self.after_fork()

    def after_fork(self) -> None:
        self._lock = threading.Lock()
        self._process = os.getpid() % (1 << _PROCESS_BITS)

    def take(self, count: int) -> range:
        """Reserve `count` identifiers, all above any this process made before, even if the wall clock went back."""
        step = 1 << _PROCESS_BITS
        with self._lock:
            first = max(((time.time_ns() // 1_000_000) - _EPOCH_MS) << _SEQUENCE_BITS, self._last + 1)
            self._last = first + count - 1
        return range(first * step + self._process, (first + count) * step + self._process, step)

    def stay_above(self, known: int) -> None:
        """Let no identifier made from now on be `known` or below it."""
        with self._lock:
            self._last = max(self._last, known >> _PROCESS_BITS)


_sequence = _Sequence()
os.register_at_fork(after_in_child=_sequence.after_fork)


def new() -> int:
    """One new identifier."""
    return _sequence.take(1)[0]


def many(count: int) -> range:
    """`count` new identifiers, ascending."""
    return _sequence.take(count)


def stay_above(known: int) -> None:
    """Make only identifiers above `known` from now on: one that came from a machine whose clock is ahead of ours."""
    _sequence.stay_above(known)


def secret(bits: int = 256) -> str:
    """A URL-safe random secret of at least `bits` bits, from the operating system."""
    return secrets.token_urlsafe(bits // 8)


def bucket_of(holder_id: int) -> int:
    """The slice of holders that `holder_id` belongs to: the top byte of a Fibonacci hash, so neighbours spread."""
    return (holder_id * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> 56
