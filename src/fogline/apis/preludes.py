"""Preludes: what stands before the body of a streamed answer, and tells its status and headers."""

from __future__ import annotations

from collections.abc import AsyncIterator

END = b"\0" * 8
"""What parts them: JSON has no such bytes."""
_BYTES_MAX = 65_536


async def take_prelude(pieces: AsyncIterator[bytes]) -> tuple[bytes, bytes]:
    """The prelude with its end, and what of the body came with it. A stream that has none is all prelude, without end.

    The rest of the body is still in `pieces`.
    """
    gathered = bytearray()
    async for piece in pieces:
        searched = max(0, len(gathered) - len(END) + 1)
        gathered += piece
        at = gathered.find(END, searched)
        if at >= 0:
            cut = at + len(END)
            return bytes(gathered[:cut]), bytes(gathered[cut:])
        if len(gathered) > _BYTES_MAX:
            break
    return bytes(gathered), b""
