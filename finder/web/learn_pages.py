"""The pages to learn from: an index and one page for each subject, all from `finder.wordings.learning`."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from finder.errors import NotFound
from finder.web.blueprint import seeker
from finder.web.pages import render
from finder.wordings.language import gettext
from finder.wordings.learning import LESSONS


@seeker.get("/learn/")
def learn() -> ResponseReturnValue:
    """What there is to read"""
    return render("learn", lessons=[(key, gettext(one.title), gettext(one.lead)) for key, one in LESSONS.items()])


@seeker.get("/learn/<subject>")
def lesson(subject: str) -> ResponseReturnValue:
    """One subject, in plain words"""
    found = LESSONS.get(subject)
    if found is None:
        raise NotFound("page")
    keys = list(LESSONS)
    after = keys[(keys.index(subject) + 1) % len(keys)]
    return render("lesson", title=gettext(found.title), lead=gettext(found.lead), sources=found.sources,
                  parts=[(gettext(heading), [gettext(one) for one in texts], isinstance(texts, list))
                         for heading, texts in found.parts],
                  after=after, after_title=gettext(LESSONS[after].title))
