"""The blueprint of this door: Open Referral's Human Services Data Specification, 3.0."""

from __future__ import annotations

from finder.api.open_door import open_blueprint

hsds = open_blueprint("hsds", "Open Referral's Human Services Data Specification, 3.0", url_prefix="/hsds")
