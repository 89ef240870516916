"""The blueprint of this door: What changed since, for those who keep a copy."""

from __future__ import annotations

from finder.api.open_door import open_blueprint

sync = open_blueprint("sync", "What changed since, for those who keep a copy", url_prefix="/api/v1")
