"""The exception to "no page of ours may stand in a frame": the finder for other sites, and nothing else.

What may be framed holds no session: it is sandboxed by its own policy, so that its origin is opaque wherever it stands,
and no cookie reaches it. What such a page loads must be open to other origins, for an opaque one is never ours.
"""

from __future__ import annotations

from collections.abc import Mapping

FRAMED = frozenset(("finder",))  # pages of the area "embed" that may be framed, by any site
LOADED = frozenset(("embed_script", "embed_colors", "embed_own_colors"))  # what hosts and frames load, beside files
FILES = "embed."  # how those files of the static folder begin
ICON = "seat.svg"  # of the page where it stands by itself
SANDBOX = "allow-forms allow-popups allow-popups-to-escape-sandbox allow-scripts"
NONE = "frame-ancestors 'none'"
OPEN = {"Cross-Origin-Resource-Policy": "cross-origin"}
# Left out in a frame. A sandboxed page with an opener policy could not be opened by itself (HTML, 7.1.3).
NOT_IN_FRAMES = frozenset(("X-Frame-Options", "Cross-Origin-Opener-Policy"))


def page_of(endpoint: str | None) -> str:
    """The name of a page of the area "embed", in whatever language; "" for every other endpoint."""
    area, _, page = (endpoint or "").partition(".")
    return page if area.partition("_")[0] == "embed" else ""


def is_framed(endpoint: str | None) -> bool:
    """Whether other sites may frame the page."""
    return page_of(endpoint) in FRAMED


def headers(always: Mapping[str, str], endpoint: str | None, filename: str, own: str) -> Mapping[str, str]:
    """The headers of an answer, given those of every other one. `own` is our origin; empty where it is not known."""
    if is_framed(endpoint):
        policy = _with_own(always["Content-Security-Policy"], own).replace(NONE, "frame-ancestors *")
        kept = {name: value for name, value in always.items() if name not in NOT_IN_FRAMES}
        return kept | OPEN | {
            "Content-Security-Policy": f"{policy}; sandbox {SANDBOX}",
            "Cross-Origin-Embedder-Policy": "require-corp",  # so that hosts that ask for it can frame the page
            "Access-Control-Allow-Origin": "*",  # for its own script: to an opaque origin we are another one
        }
    if page_of(endpoint) == "about":
        return {**always, "Content-Security-Policy": f"{always['Content-Security-Policy']}; frame-src 'self'"}
    if endpoint in LOADED or endpoint == "static" and (filename == ICON or filename.startswith(FILES)):
        return {**always, **OPEN}
    return always


def _with_own(policy: str, own: str) -> str:
    """With our origin by name too: browsers have not always agreed on what 'self' is to an opaque origin."""
    return policy.replace("'self'", f"'self' {own}") if own else policy
