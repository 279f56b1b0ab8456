"""Forms with a file, as a browser sends them; their bytes stay in memory, whatever their size."""

import io
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests.web.browser import TOKEN, Browser


def send_form(browser: Browser, path: str, files: dict[str, bytes | None], **said: str) -> TestResponse:
    """Send a form with its files, those that are not None."""
    token = TOKEN.search(browser.get("/admin/account").text)
    assert token, "a form of theirs"
    fields: dict[str, Any] = {"csrf_token": token[1], **said}
    fields |= {name: FileStorage(io.BytesIO(body), f"{name}.jpg") for name, body in files.items() if body is not None}
    boundary, body = encode_multipart(fields)
    return browser.send("POST", path, data=body, content_type=f"multipart/form-data; boundary={boundary}")
