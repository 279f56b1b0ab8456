"""What a WSGI server serves: `granian --interface wsgi wsgi:app`."""

from loyalty.web.app import from_environment

app = from_environment()
