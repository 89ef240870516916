"""The entry point for WSGI servers: `gunicorn wsgi:app`. Settings come from the environment."""

import os

from finder.app import create_app
from finder.config import Settings

app = create_app(Settings.from_env(os.environ))
app.extensions["finder"].serve()
