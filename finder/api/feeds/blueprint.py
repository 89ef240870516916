"""The blueprint of this door: Feeds and files of everything that is published."""

from __future__ import annotations

from finder.api.open_door import open_blueprint

feeds = open_blueprint("feeds", "Feeds and files of everything that is published")
