"""The bytes of a text file as lines, each with its length in bytes, so that reading can go on where it stopped."""

from __future__ import annotations

import codecs
import errno
import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from loyalty.errors import Refused
from loyalty.i18n import Words

LONGEST_LINE = 131_072  # characters; beyond, only the beginning of a line is kept in memory

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHUNK_BYTES = 1 << 20


class NotText(Refused):
    """Some bytes of the file are no characters in its encoding."""

    code = "not_text"
    words = Words(
        fr="Ce fichier n’est pas en {encoding} : l’octet numéro {offset}, {byte}, ne se lit pas. "
        "Enregistrez-le en UTF-8, ou en UTF-16 avec sa marque d’ordre des octets.",
        en="This file is not {encoding}: the byte at offset {offset}, {byte}, cannot be read. "
        "Save it as UTF-8, or as UTF-16 with its byte order mark.",
    )


class FileChanged(Refused):
    """The file is no longer what it was when reading began."""

    code = "file_changed"
    status = 409
    words = Words(
        fr="Le fichier {name} a changé pendant sa lecture ; relancez la commande.",
        en="The file {name} changed while it was read; run the command again.",
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One physical line with its line end.

    Attributes:
        text: the whole line, or the beginning of one that is too long.
        length: of the whole line, in bytes.
        is_whole: whether `text` is all of it.
    """

    text: str
    length: int
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """A file whose every byte was read once and found to be text.

    Attributes:
        encoding: "utf-8", "utf-16-le" or "utf-16-be".
        start: the byte where the text begins, after the byte order mark.
        size: in bytes.
        sha256: of all its bytes, in hexadecimal.
    """

    path: Path
    encoding: str
    start: int
    size: int
    modified_ns: int
    sha256: str

    def lines(self, offset: int) -> Iterator[Line]:
        """The lines from the byte `offset` on, which begins one; a line ends with LF, CR LF or CR.

        Raises:
            FileChanged: it is text no more.
        """
        with self.path.open("rb") as raw:
            raw.seek(offset)
            try:
                with io.TextIOWrapper(raw, self.encoding, newline="") as text:
                    yield from self._lines(text)
            except UnicodeDecodeError:
                raise self.changed() from None

    def _lines(self, text: io.TextIOWrapper) -> Iterator[Line]:
        while part := text.readline(LONGEST_LINE):
            beginning, length, is_whole = part, self._length(part), True
            while len(part) == LONGEST_LINE and not part.endswith("\n"):
                part = text.readline(LONGEST_LINE)
                length, is_whole = length + self._length(part), False
            yield Line(beginning, length, is_whole)

    def _length(self, text: str) -> int:
        # Exact, for a strict decoder lets through one spelling of each character only.
        if text.isascii():
            return len(text) if self.encoding == "utf-8" else 2 * len(text)
        return len(text.encode(self.encoding))

    def check_unchanged(self) -> None:
        """Make sure that the file was not written since it was surveyed.

        Raises:
            FileChanged
        """
        now = self.path.stat()
        if (now.st_size, now.st_mtime_ns) != (self.size, self.modified_ns):
            raise self.changed()

    def changed(self) -> FileChanged:
        """The refusal to go on."""
        return FileChanged(name=self.path.name)


def survey(path: Path) -> TextFile:
    """Read a file once from end to end: what it is encoded in, whether all of it is, and its digest.

    Raises:
        NotText: it is neither UTF-8 nor UTF-16 with a byte order mark.
        OSError: it cannot be read, or is no regular file.
    """
    if not path.is_file():  # a pipe could be read once only
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    with path.open("rb") as raw:
        before = os.fstat(raw.fileno())
        start, encoding = _mark(raw.read(4))
        raw.seek(0)
        digest = hashlib.sha256()
        digest.update(raw.read(start))
        decoder = codecs.getincrementaldecoder(encoding)()
        read = start
        while True:
            chunk = raw.read(_CHUNK_BYTES)
            digest.update(chunk)
            pending = decoder.getstate()[0]
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as problem:
                offset = read - len(pending) + problem.start
                byte = f"0x{problem.object[problem.start]:02X}"
                raise NotText(encoding=encoding.upper(), offset=offset, byte=byte) from None
            read += len(chunk)
            if not chunk:
                break
    return TextFile(
        path=path,
        encoding=encoding,
        start=start,
        size=read,
        modified_ns=before.st_mtime_ns,
        sha256=digest.hexdigest(),
    )


def _mark(beginning: bytes) -> tuple[int, str]:
    for mark, encoding in _MARKS:
        if beginning.startswith(mark):
            return len(mark), encoding
    return 0, "utf-8"
