"""What a finger and an eye need of a page: targets large enough to hit, and a mark on whatever has the focus."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

LEAST = 44  # CSS pixels (design, Accessibility; the enhanced rule 2.5.5 of WCAG 2.2)
MOST_STOPS = 400  # presses of Tab on one page

# Every control in view with its size. A link inside a sentence is left out, as WCAG does; a box or circle is as large
# as the label around it, and a door as large as its card. Numbers on a map are left out too: the heading of each group
# in the list does the same (WCAG 2.5.5, "equivalent"), and another test holds them to the 24 pixels of 2.5.8.
_SMALL = """least => {
  const inSentence = (one) => {
    if (one.tagName !== 'A' || getComputedStyle(one).display !== 'inline') return false;
    const around = one.closest('p, li, dd, td, caption, figcaption');
    return around !== null && around.textContent.trim().length > one.textContent.trim().length + 3;
  };
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest('.trap, .vh, .map svg');
  return [...document.querySelectorAll('a[href], button, summary, select, textarea, input:not([type=hidden])')]
    .filter((one) => shown(one) && !inSentence(one))
    .map((one) => {
      const target = one.matches('[type=radio], [type=checkbox]') ? one.closest('label') : one.closest('.door') ?? one;
      const box = target.getBoundingClientRect();
      return [`${one.tagName} ${one.className} "${(one.innerText ?? '').slice(0, 30) || one.name}"`,
              Math.round(box.width), Math.round(box.height)];
    })
    .filter(([name, width, height]) => !name.includes(' skip ') && (width < least - .5 || height < least - .5));
}"""

# Whether what has the focus wears the mark, is on the screen, and is not under the sticky line.
_FOCUSED = """() => {
  const one = document.activeElement;
  if (one === null || one === document.body || one === document.documentElement) return null;
  const name = `${one.tagName} ${one.id || one.className || one.name || ''} "${(one.innerText ?? '').slice(0, 30)}"`;
  const wearing = [one, one.closest('.choice'), one.closest('.pair label')].filter(Boolean).some((part) => {
    const style = getComputedStyle(part);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  });
  const box = (one.closest('label') ?? one).getBoundingClientRect();
  const line = document.querySelector('.lampline').getBoundingClientRect();
  const covered = !one.closest('.lampline, .skip') && box.top >= line.top && box.bottom <= line.bottom;
  const seen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  if (!one.dataset.stop) one.dataset.stop = document.querySelectorAll('[data-stop]').length + 1;
  return { name, wearing, seen, covered, stop: Number(one.dataset.stop) };
}"""


def small_targets(page: Page) -> list[Any]:
    """Controls of a page that a finger may miss: name, width and height."""
    found: list[Any] = page.evaluate(_SMALL, LEAST)
    return found


def walk(page: Page) -> list[dict[str, Any]]:
    """What Tab comes by from the top of the page to its end, each stop with whether its focus can be seen."""
    stops: list[dict[str, Any]] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        found = page.evaluate(_FOCUSED)
        if found is None or (stops and found["stop"] == 1):
            return stops
        stops.append(found)
    raise AssertionError(f"after {MOST_STOPS} presses of Tab the page does not end")


def hidden_focus(page: Page) -> list[str]:
    """The stops of Tab whose focus nobody can see."""
    return [one["name"] for one in walk(page) if not one["wearing"] or not one["seen"] or one["covered"]]
