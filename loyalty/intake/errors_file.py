"""The rows of a file that could not be taken, beside it, as a CSV file that can be corrected and imported itself."""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from loyalty.errors import Refused
from loyalty.i18n import Words
from loyalty.intake.csv_columns import ERROR_COLUMNS

_ENCODING = "utf-8-sig"  # spreadsheets read accents right only behind the mark


class NotAnErrorsFile(Refused):
    """Something else stands where the errors file would be written."""

    code = "not_an_errors_file"
    status = 409
    words = Words(
        fr="{name} existe et n’est pas un fichier d’erreurs d’importation : il n’est pas écrasé.",
        en="{name} exists and is no errors file of an import: it is not overwritten.",
    )


class ErrorsFileTooShort(Refused):
    """The errors file lost rows since the import that goes on wrote them."""

    code = "errors_file_too_short"
    status = 409
    words = Words(
        fr="{name} fait {size:n} octets et devrait en faire {wanted:n} : remettez-le en place, "
        "ou relisez le fichier depuis le début.",
        en="{name} has {size:n} bytes and should have {wanted:n}: put it back, or read the file from its start again.",
    )


class ErrorsFile:
    """Rows with their number and problem. No bad row, no file.

    The length that belongs to what is committed is kept with the import, and every write begins there: a kill neither
    loses nor doubles a row.
    """

    def __init__(self, path: Path, *, header: Sequence[str], separator: str) -> None:
        self.path = path
        self._separator = separator
        self._header = self._as_bytes([[*ERROR_COLUMNS, *header]], _ENCODING)

    def check(self, length: int) -> None:
        """Make sure that `write` may go on after `length` bytes.

        Raises:
            NotAnErrorsFile: `length` is 0 and another file stands in the way.
            ErrorsFileTooShort: there are fewer bytes.
        """
        size = self.path.stat().st_size if self.path.exists() else 0
        if size < length:
            raise ErrorsFileTooShort(name=self.path.name, size=size, wanted=length)
        if size and not length and not self._is_ours():
            raise NotAnErrorsFile(name=self.path.name)

    def write(self, rows: Sequence[tuple[int, str, Sequence[str]]], *, after: int) -> int:
        """Write rows (number, problem, cells) to the disk itself after the first `after` bytes; what was there goes.

        Returns:
            how long the file is then, in bytes; at 0 there is none.

        Raises:
            NotAnErrorsFile, ErrorsFileTooShort: see `check`.
        """
        self.check(after)
        body = self._as_bytes([number, problem, *cells] for number, problem, cells in rows)
        if not after and not body:
            self.path.unlink(missing_ok=True)
            return 0
        with self.path.open("r+b" if after else "wb") as file:
            file.truncate(after)
            file.seek(after)
            file.write(body if after else self._header + body)
            file.flush()
            if body:
                os.fsync(file.fileno())
            return file.tell()

    def _is_ours(self) -> bool:
        row, problem = (name.encode() for name in ERROR_COLUMNS)
        ours = codecs.BOM_UTF8 + re.escape(row) + b"." + re.escape(problem) + rb"[^a-z]"  # whatever the separator was
        with self.path.open("rb") as file:
            return re.match(ours, file.read(100), re.DOTALL) is not None

    def _as_bytes(self, rows: Iterable[Sequence[object]], encoding: str = "utf-8") -> bytes:
        written = io.StringIO()
        csv.writer(written, delimiter=self._separator).writerows(rows)
        return written.getvalue().encode(encoding)
