"""The finder on pages of other sites: strict policies, dark colors, two at once, without scripts, by keyboard alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Frame, Page, expect

from tests.journeys.conftest import AXE_RULES, Start, Visit, served
from tests.journeys.touching import hidden_focus, small_targets
from tests.web.sample import LISTINGS
from tests.web.site import Site

pytestmark = pytest.mark.browser

CANARY = "zqcanary"
TAB = "(opens in a new tab)"
SCREENS = {"phone": {"width": 390, "height": 780}, "narrow": {"width": 320, "height": 640},
           "desk": {"width": 1280, "height": 800}, "dark": {"width": 1280, "height": 800, "color_scheme": "dark"}}
ORIGIN_AND_STORES = """() => ({
    origin: self.origin,
    cookie: (() => { try { return document.cookie; } catch { return 'none'; } })(),
    local: (() => { try { return localStorage.length; } catch { return 'none'; } })(),
})"""
STYLE = b"body{font:1rem/1.5 sans-serif;margin:1rem}.dark{background:#101820;color:#eee}.tall{height:90rem}"


class Host:
    """A small website on an origin of its own, with whatever policy it likes."""

    def __init__(self) -> None:
        pages: dict[str, tuple[bytes, dict[str, str]]] = {"/style.css": (STYLE, {"Content-Type": "text/css"})}

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802 - the name is the base class's
                body, headers = pages.get(self.path, (b"", {"Content-Type": "text/plain"}))
                self.send_response(200)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
                return

        self.pages = pages
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        # By name, so that it is another site for the browser and not only another port.
        self.address = f"http://localhost:{self.server.server_port}"

    def page(self, body: str, *, policy: str = "", lang: str = "en", look: str = "", **headers: str) -> str:
        """Puts up a page; gives its address."""
        source = (f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Town library</title>'
                  '<meta name="viewport" content="width=device-width, initial-scale=1">'
                  '<link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"></head>'
                  f'<body class="{look}"><header><p>Town library</p></header>'
                  f'<main><h1>Groups near you</h1>{body}</main></body></html>')
        told = {"Content-Type": "text/html; charset=utf-8", **({"Content-Security-Policy": policy} if policy else {})}
        self.pages["/"] = (source.encode(), told | {name.replace("_", "-"): value for name, value in headers.items()})
        return self.address + "/"


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served finder whose listings have real ids."""
    site = Site(tmp_path_factory.mktemp("site"), [dict(one) for one in LISTINGS])
    yield from served(site.app)


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()
    yield made
    made.server.shutdown()
    made.server.server_close()


def strict(finder: str) -> str:
    """A policy that lets in nothing but the finder, and no attribute that could run or style."""
    return (f"default-src 'none'; script-src {finder}; frame-src {finder}; style-src 'self'; img-src data:; "
            "require-trusted-types-for 'script'; trusted-types 'none'")


def script(finder: str, **said: str) -> str:
    attributes = "".join(f' data-{name}="{value}"' for name, value in said.items())
    return f'<script src="{finder}/embed.js"{attributes} referrerpolicy="no-referrer" async></script>'


def opened(visit: Visit, address: str, count: int = 1) -> list[Frame]:
    """Goes to a page of the host and gives its frames, once they are as high as what is in them."""
    visit.page.goto(address)
    expect(visit.page.locator("iframe")).to_have_count(count)
    for one in visit.page.locator("iframe").all():
        one.scroll_into_view_if_needed()
    found = [one for one in visit.page.frames if one is not visit.page.main_frame]
    for one in found:
        one.locator(".lampline").wait_for()
    visit.page.evaluate("scrollTo(0, 0)")
    return found


def look(frame: Frame, **said: str) -> None:
    """Fills the form, presses the button, and waits for the answer."""
    for name, value in said.items():
        field = frame.locator(f"[name={name}]").first
        if name in ("q", "near"):
            field.fill(value)
        else:
            if not field.is_visible():
                frame.locator("summary").click()
            field.select_option(value)
    frame.locator(".btn").click()
    frame.locator("body[data-searched]:not([aria-busy])").wait_for()


def fits(page: Page, frame: Frame) -> bool:
    """Whether the frame is exactly as high as what is in it, and nothing scrolls sideways."""
    inside = frame.evaluate("""() => [Math.ceil(document.documentElement.getBoundingClientRect().height), innerHeight,
        document.documentElement.scrollWidth - document.documentElement.clientWidth]""")
    outside = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return bool(inside[0] == inside[1] and inside[2] <= 0 and outside <= 0)


def wait_until_it_fits(page: Page, frame: Frame) -> None:
    for _ in range(50):
        if fits(page, frame):
            return
        page.wait_for_timeout(50)
    raise AssertionError("the frame is not as high as its page")


def findings(page: Page) -> list[str]:
    """What axe says of the host's page with the frames in it, each told apart from the others by axe itself."""
    for one in page.frames:
        one.evaluate(AXE_SCRIPT)
        one.evaluate("axe.configure({ allowedOrigins: ['<unsafe_all_origins>'] })")
    # Nothing is loaded ahead: an opaque origin may read no style sheet, not even its own.
    found = page.evaluate("options => axe.run(document, options)", {**AXE_RULES, "preload": False})
    return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found["violations"]]


def assert_nothing_told(visit: Visit, host: Host, finder: str, *words: str) -> None:
    """No third party, no cookie, and no word typed in an address or a referrer."""
    known = {urlsplit(one).netloc for one in (host.address, finder)} | {""}
    assert {urlsplit(one.url).netloc for one in visit.requests} <= known
    assert visit.context.cookies() == []
    for one in visit.requests:
        assert not one.headers.get("referer") or one.url.startswith(host.address)
        for word in words:
            assert word not in unquote_plus(one.url)
    for frame in visit.page.frames:
        assert not [word for word in words if word in unquote_plus(frame.url)]


@pytest.mark.parametrize(("screen", "lang"), [("phone", "en"), ("narrow", "es"), ("desk", "es"), ("dark", "en")])
def test_a_group_is_found_on_the_page_of_a_library_with_a_strict_policy(start: Start, host: Host, finder: str,
                                                                        screen: str, lang: str) -> None:
    visit = start(**SCREENS[screen])
    page = visit.page
    chosen = {} if screen == "dark" else {"color": "#00695c"}
    (frame,) = opened(visit, host.page(script(finder, place="Durham, NC", **chosen), policy=strict(finder), lang=lang))
    wait_until_it_fits(page, frame)
    assert frame.evaluate("document.documentElement.lang") == lang
    assert findings(page) == []
    look(frame, q=f"{CANARY} grief", near="Raleigh, NC", far="100")
    heading = frame.locator("[data-says]")
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()
    assert heading.inner_text().split()[0] in frame.evaluate("document.title")
    wait_until_it_fits(page, frame)
    assert findings(page) == []
    if screen in ("phone", "narrow"):
        assert small_targets(frame) == []  # type: ignore[arg-type]
    assert frame.evaluate(ORIGIN_AND_STORES) == {"origin": "null", "cookie": "none", "local": "none"}
    assert page.evaluate("document.cookie + Object.keys(localStorage).length") == "0"
    assert_nothing_told(visit, host, finder, CANARY, "grief", "Raleigh")
    assert visit.complaints == []


def test_a_press_on_a_group_opens_its_page_in_a_new_tab(start: Start, host: Host, finder: str) -> None:
    visit = start(**SCREENS["desk"])
    (frame,) = opened(visit, host.page(script(finder, place="Durham, NC"), policy=strict(finder)))
    name = frame.locator(".match h4 a").first
    assert TAB in name.inner_text()
    with visit.context.expect_page() as other:
        name.click()
    tab = other.value
    tab.wait_for_load_state()
    assert urlsplit(tab.url).path.startswith("/programs/")
    assert tab.evaluate("[opener, document.referrer, self.origin]") == [None, "", finder]
    expect(tab.locator("h1")).to_have_text(name.inner_text().removesuffix(TAB).strip())
    assert visit.page.url == f"{host.address}/"
    assert visit.context.cookies() == []


@pytest.mark.parametrize(("words", "help_line"), [("my husband hits me", "tel:+18007997233"),
                                                  ("quiero morir", "tel:988")])
@pytest.mark.parametrize("screen", ["narrow", "desk"])
def test_words_of_danger_bring_help_into_sight_wherever_the_frame_stands(start: Start, host: Host, finder: str,
                                                                         screen: str, words: str,
                                                                         help_line: str) -> None:
    visit = start(**SCREENS[screen])
    body = f'<div class="tall"></div>{script(finder, place="Durham, NC")}<div class="tall"></div>'
    (frame,) = opened(visit, host.page(body, policy=strict(finder)))
    look(frame, q=words)
    heading = frame.locator(".first h2")
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()
    expect(frame.locator(f".ways a[href='{help_line}']").first).to_be_in_viewport()
    expect(frame.locator("[role=status]")).to_contain_text("group")  # how many there are is said all the same
    assert frame.evaluate("""() => document.querySelector('.first').compareDocumentPosition(
        document.querySelector('.seek')) & Node.DOCUMENT_POSITION_FOLLOWING""")
    wait_until_it_fits(visit.page, frame)
    assert findings(visit.page) == []
    assert_nothing_told(visit, host, finder, *words.split())


def test_two_on_one_page_know_nothing_of_each_other(start: Start, host: Host, finder: str) -> None:
    visit = start(**SCREENS["desk"])
    body = (script(finder, place="Durham, NC", color="#00695c")
            + script(finder, topic="alcohol", lang="es", background="#101820", color="#7fd1c0", title="Grupos"))
    first, second = opened(visit, host.page(body, policy=strict(finder)), 2)
    if "/es/" in first.url:
        first, second = second, first
    assert (first.evaluate("document.documentElement.lang"), second.evaluate("document.documentElement.lang")) \
        == ("en", "es")
    before = second.locator(".match").count()
    look(first, q="grief")
    wait_until_it_fits(visit.page, first)
    wait_until_it_fits(visit.page, second)
    assert second.locator(".match").count() == before
    assert second.locator("body[data-searched]").count() == 0
    expect(second.locator("html")).to_have_css("background-color", "rgb(16, 24, 32)")
    expect(second.locator(".btn")).to_have_css("background-color", "rgb(127, 209, 192)")
    expect(first.locator(".btn")).to_have_css("color", "rgb(255, 255, 255)")
    assert [one.get_attribute("title") for one in visit.page.locator("iframe").all()] == ["Find a support group",
                                                                                          "Grupos"]
    assert findings(visit.page) == []
    assert visit.complaints == []


@pytest.mark.parametrize(("said", "look_of_page"), [({"background": "#101820", "color": "#7fd1c0"}, "dark"),
                                                    ({"color": "#ffcc00"}, ""), ({"background": "#777777"}, "dark")])
def test_the_colors_of_a_host_can_be_read(start: Start, host: Host, finder: str, said: dict[str, str],
                                          look_of_page: str) -> None:
    visit = start(**SCREENS["phone"])
    (frame,) = opened(visit, host.page(script(finder, place="Durham, NC", **said), policy=strict(finder),
                                       look=look_of_page))
    look(frame, q="drinking", day="0")
    assert findings(visit.page) == []


@pytest.mark.parametrize("path", ["", "/es"])
def test_without_scripts_the_frame_does_the_same_and_scrolls_inside(start: Start, host: Host, finder: str,
                                                                    path: str) -> None:
    visit = start(width=390, height=780, scripts=False)
    (frame,) = opened(visit, host.page(
        f'<iframe src="{finder}{path}/embed?place=Durham,+NC&amp;color=00695c" title="Groups" width="100%" height="700"'
        ' sandbox="allow-forms allow-popups allow-popups-to-escape-sandbox allow-scripts" '
        'referrerpolicy="no-referrer"></iframe>', policy=strict(finder)))
    frame.locator("#q").fill(f"{CANARY} drinking")
    frame.locator(".btn").click()
    expect(frame.locator("#here")).to_be_in_viewport()
    assert urlsplit(frame.url).fragment == "here"
    expect(frame.locator(".lampline")).to_be_in_viewport()
    frame.locator(".pager button").last.click()
    expect(frame.locator(".pager button")).to_have_count(2)
    frame.locator("#q").fill("my husband hits me")
    frame.locator(".btn").click()
    expect(frame.locator(".first h2")).to_be_in_viewport()
    assert_nothing_told(visit, host, finder, CANARY, "drinking", "husband")
    assert visit.complaints == []


def test_with_scripts_off_the_lines_that_are_copied_still_show_a_frame(start: Start, host: Host, finder: str) -> None:
    visit = start(width=390, height=780, scripts=False)
    visit.page.goto(f"{finder}/embed/about")
    lines = visit.page.locator("#lines-script").input_value().replace("http://127.0.0.1:8000", finder)
    (frame,) = opened(visit, host.page(lines, policy=strict(finder)))
    expect(frame.locator("h2")).to_have_text("Find a support group")


def test_the_way_back_stays_the_hosts(start: Start, host: Host, finder: str) -> None:
    visit = start(**SCREENS["desk"])
    visit.page.goto(f"{host.address}/style.css")
    (frame,) = opened(visit, host.page(script(finder, place="Durham, NC"), policy=strict(finder)))
    steps = visit.page.evaluate("history.length")
    look(frame, q="drinking")
    frame.locator(".pager button").last.click()
    expect(frame.locator(".pager button")).to_have_count(2)
    assert visit.page.evaluate("history.length") == steps
    frame.get_by_role("button", name="Español").click()
    expect(frame.locator("html")).to_have_attribute("lang", "es")
    expect(frame.locator("#q")).to_have_value("drinking")
    assert visit.page.evaluate("history.length") == steps
    visit.page.go_back()
    assert visit.page.url.endswith("/style.css")


def test_keyboard_is_enough(start: Start, host: Host, finder: str) -> None:
    visit = start(**SCREENS["desk"])
    keys = visit.page.keyboard
    (frame,) = opened(visit, host.page(f'<p><a href="#x">Before</a></p>{script(finder, place="Durham, NC")}',
                                       policy=strict(finder)))

    def tab_to(selector: str) -> None:
        for _ in range(60):
            keys.press("Tab")
            if frame.evaluate("selector => document.activeElement.matches(selector)", selector):
                assert frame.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
                return
        raise AssertionError(f"{selector} cannot be reached")

    tab_to("#q")
    keys.type("drinking")
    tab_to("summary")
    keys.press("Enter")
    tab_to("#day")
    keys.press("ArrowDown")
    tab_to(".btn")
    keys.press("Enter")
    frame.locator("body[data-searched]:not([aria-busy])").wait_for()
    expect(frame.locator("[data-says]")).to_be_focused()
    expect(frame.locator("[data-says]")).to_be_in_viewport()
    tab_to(".match h4 a")
    with visit.context.expect_page() as other:
        keys.press("Enter")
    assert urlsplit(other.value.url).path.startswith("/programs/")


def test_the_script_leaves_nothing_behind_and_listens_to_nobody_else(start: Start, host: Host, finder: str) -> None:
    visit = start(**SCREENS["desk"])
    visit.context.add_init_script("""if (self === top) {
        self.heard = []; self.before = new Set(Object.getOwnPropertyNames(self));
        addEventListener('message', ({ data, origin }) => self.heard.push([origin, data]));
    }""")
    (frame,) = opened(visit, host.page(script(finder, place="Durham, NC"), policy=strict(finder)))
    wait_until_it_fits(visit.page, frame)
    page = visit.page
    assert page.evaluate("Object.getOwnPropertyNames(self).filter((name) => !before.has(name) && name !== 'before' "
                         "&& !/^(0|__playwright.*)$/.test(name))") == []
    heard = page.evaluate("heard")
    assert heard
    assert all(origin == "null" and list(data) == ["height"] and data["height"] > 0 for origin, data in heard)
    height = page.evaluate("document.querySelector('iframe').style.height")
    page.evaluate("postMessage({ height: 150 }, '*')")
    for odd in ("1e9", "-5", "'x'", "NaN", "null", "{}"):
        frame.evaluate(f"parent.postMessage({{ height: {odd} }}, '*')")
    frame.evaluate("parent.postMessage('x', '*'); parent.postMessage(null, '*')")
    page.wait_for_timeout(200)
    assert page.evaluate("document.querySelector('iframe').style.height") == height
    assert page.locator("script").evaluate("one => one.nextElementSibling.tagName") == "IFRAME"
    assert page.locator("iframe").evaluate("one => one.getAttributeNames().sort().join()") == (
        "credentialless,loading,referrerpolicy,sandbox,src,style,title")
    assert visit.complaints == []


def test_a_host_that_isolates_itself_can_show_it_too(start: Start, host: Host, finder: str) -> None:
    visit = start(**SCREENS["desk"])
    body = script(finder, place="Durham, NC") + f'<iframe src="{finder}/embed" title="Plain"></iframe>'
    address = host.page(body, Cross_Origin_Embedder_Policy="require-corp", Cross_Origin_Opener_Policy="same-origin")
    for frame in opened(visit, address, 2):
        look(frame, q="drinking")
        assert frame.evaluate("self.origin") == "null"
    assert visit.complaints == []


@pytest.mark.parametrize(("before", "after"), [('<p id="room"></p><p>Below</p>', ""), ("", '<p id="room"></p>')])
def test_the_place_for_it_may_be_elsewhere_on_the_page(start: Start, host: Host, finder: str, before: str,
                                                       after: str) -> None:
    visit = start(**SCREENS["desk"])
    opened(visit, host.page(before + script(finder, into="room") + after, policy=strict(finder)))
    assert visit.page.locator("#room iframe").count() == 1


def test_a_script_in_the_head_puts_it_at_the_end_of_the_page(start: Start, host: Host, finder: str) -> None:
    visit = start(**SCREENS["desk"])
    address = host.page("<p>Text</p>", policy=strict(finder))
    source, headers = host.pages["/"]
    host.pages["/"] = source.replace(b"</head>", script(finder, into="nowhere").encode() + b"</head>"), headers
    opened(visit, address)
    assert visit.page.evaluate("document.body.lastElementChild.tagName") == "IFRAME"


def test_when_the_network_fails_inside_the_form_goes_the_plain_way(start: Start, host: Host, finder: str) -> None:
    visit = start(**SCREENS["desk"])
    (frame,) = opened(visit, host.page(script(finder), policy=strict(finder)))
    visit.context.route("**/embed*", lambda route: route.abort() if route.request.resource_type == "fetch"
                        else route.continue_())
    frame.locator("#q").fill("drinking")
    frame.locator(".btn").click()
    frame.locator("body[data-searched]").wait_for()
    expect(frame.locator("[data-says]")).to_be_focused()
    wait_until_it_fits(visit.page, frame)


@pytest.mark.parametrize("path", ["/embed?place=Durham, NC", "/es/embed?color=ffcc00&background=333333",
                                  "/embed?topic=domestic_violence"])
@pytest.mark.parametrize("screen", ["narrow", "dark"])
def test_by_itself_it_is_a_sound_page(start: Start, finder: str, screen: str, path: str) -> None:
    visit = start(**SCREENS[screen])
    page = visit.page
    visit.site = finder
    visit.go(path)
    assert page.evaluate("self.origin") == "null"
    assert findings(page) == []
    assert hidden_focus(page) == []
    assert small_targets(page) == []
    page.locator("#q").fill("drinking")
    page.locator(".btn").click()
    page.locator("body[data-searched]").wait_for()
    expect(page.locator("[data-first]")).to_be_focused()
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert visit.complaints == []


@pytest.mark.parametrize(("screen", "prefix"), [("phone", "/es"), ("narrow", ""), ("desk", ""), ("dark", "/es")])
def test_the_page_about_it_shows_it_as_it_is_chosen(start: Start, finder: str, screen: str, prefix: str) -> None:
    visit = start(**SCREENS[screen])
    page = visit.page
    visit.site = finder
    visit.go(f"{prefix}/embed/about")
    visit.check()
    page.locator("#place").fill("Salem, OR")
    page.locator("#color").fill("#00695c")
    page.locator(".choosing .btn").click()
    page.wait_for_load_state()
    frame = page.frames[1]
    frame.locator(".lampline").wait_for()
    expect(frame.locator("#near")).to_have_value("Salem, OR")
    expect(frame.locator(".btn")).to_have_css("background-color", "rgb(0, 105, 92)")
    visit.check()
    assert findings(page) == []
    assert not [one for one in visit.requests if "Salem" in one.url and "/about" in one.url]


def test_lines_are_copied_by_a_press(start: Start, finder: str) -> None:
    visit = start(permissions=["clipboard-read", "clipboard-write"])
    visit.site = finder
    visit.go("/embed/about")
    visit.page.get_by_role("button", name="Copy").first.click()
    expect(visit.page.get_by_text("Copied.")).to_be_visible()
    assert visit.page.evaluate("navigator.clipboard.readText()") == visit.page.locator("#lines-script").input_value()
    visit.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
    visit.page.get_by_role("button", name="Copy").last.click()
    expect(visit.page.get_by_text("It is marked now. Please copy it yourself.")).to_be_visible()
    assert visit.page.evaluate("getSelection().toString()") == visit.page.locator("#lines-policy").input_value()
