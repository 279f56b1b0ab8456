"""What every answer tells the browser not to do."""

from flask import Flask, Response, request

# Bootstrap's and Swagger UI's style sheets hold their icons themselves, as `data:`: nothing is fetched for those.
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none';"
    " form-action 'self'"
)
_SECRET_ADDRESSES = ("/V/", "/sign-in/link/", "/partner/enrol/")
_YEAR = 31_536_000


def register(app: Flask) -> None:
    """Send these headers with every answer of `app`; a view that set one itself keeps its own."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault(
        "Referrer-Policy", "no-referrer" if request.path.startswith(_SECRET_ADDRESSES) else "same-origin"
    )
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}; includeSubDomains")
    return response
