"""The entry point for WSGI servers: `gunicorn wsgi:app`. Settings come from the environment."""

import os

from finder import journal
from finder.app import create_app
from finder.config import Settings

journal.begin()
os.umask(0o077)  # what the instance holds is for its owner only
app = create_app(Settings.from_env(os.environ))
app.extensions["finder"].serve()
