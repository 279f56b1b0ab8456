"""The cookie of somebody who is signed in: a random secret, worth what a row on the server says."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request, session


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCookie:
    """One kind of session in a browser.

    Attributes:
        name: with the prefix `__Host-`: secure, of this host alone, of all its paths (RFC 6265bis, 4.1.3.2).
        seconds: how long the browser keeps it; None: until it is closed.
    """

    name: str
    seconds: int | None

    def token(self) -> str | None:
        """What the browser's cookie says."""
        return request.cookies.get(self.name) or None

    def begin(self, response: Response, new_token: str) -> Response:
        """Sign this browser in, with another anti-forgery secret and no trace of the past but the language."""
        language = session.get("language")
        session.clear()
        if language is not None:
            session["language"] = language
        response.set_cookie(
            self.name, new_token, max_age=self.seconds, secure=True, httponly=True, samesite="Lax", path="/"
        )
        return response

    def end(self, response: Response) -> Response:
        """Take the cookie away; the row is ended by the flow that signs out."""
        session.clear()
        response.delete_cookie(self.name, secure=True, httponly=True, samesite="Lax", path="/")
        return response
