"""Schemas of documents from outside: unknown keys are refused, and what is right is read in one straight pass.

marshmallow is called on only to name what is wrong, which makes an import of many listings several times as fast.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, missing, validates_schema

from finder.errors import Problem
from finder.fields import refuse


class Strict(Schema):
    """A schema that refuses unknown keys. Rules between fields stand in `check`, rules of one field in the field.

    Loaded keys come in the order of the fields. Both ways of loading use the same fields and the same `check`: the
    straight one accepts only what is right throughout, everything else goes the long way, which names each problem.
    """

    class Meta:
        unknown = RAISE

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._plan = [(key, one.allow_none, one.required, _reader(one)) for key, one in self.load_fields.items()]

    def check(self, data: dict[str, Any]) -> None:
        """Raises ValidationError when fields that are right by themselves do not agree."""

    @validates_schema(skip_on_field_errors=True)
    def _agree(self, data: dict[str, Any], **kwargs: Any) -> None:
        self.check(data)

    def load(self, data: Any, **kwargs: Any) -> Any:
        """The loaded document; raises ValidationError with every problem."""
        if not any(kwargs.values()):
            try:
                return self.read(data)
            except ValidationError:
                pass  # the long way names every problem, not only the first
        return super().load(data, **kwargs)

    def read(self, data: Any) -> dict[str, Any]:
        """The loaded document; raises ValidationError at the first thing that is wrong."""
        if type(data) is not dict:
            raise refuse("wrong_type", expected="object")
        loaded: dict[str, Any] = {}
        for key, nullable, required, read in self._plan:
            if key in data:
                value = data[key]
                if value is not None:
                    loaded[key] = read(value)
                elif nullable:
                    loaded[key] = None
                else:
                    raise refuse("required")
            elif required:
                raise refuse("required")
        if len(loaded) != len(data):
            raise refuse("unknown_key")
        self.check(loaded)
        return loaded


def _reader(field: Any) -> Callable[[Any], Any]:
    """What the straight way calls for a field; a rule that it would pass over is an error in the schema."""
    beside = (field.validators, field.data_key, field.attribute, field.pre_load, field.post_load)
    if any(beside) or field.load_default not in (missing, None):
        raise TypeError(f"{field.name}: put the rule into `read`")
    return field.schema.read if isinstance(field, Part) else field.read  # type: ignore[no-any-return,attr-defined]


_MESSAGES: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": [Problem("required")], "null": [Problem("required")],
}


class Part(fields.Nested):
    """An object with a schema of its own."""

    default_error_messages = _MESSAGES

    def __init__(self, schema: type[Strict], **kwargs: Any) -> None:
        super().__init__(schema, **kwargs)


class Parts(fields.List):  # type: ignore[type-arg]
    """A list of at most `maximum` objects of one schema."""

    default_error_messages = _MESSAGES

    def __init__(self, schema: type[Strict], maximum: int, **kwargs: Any) -> None:
        super().__init__(Part(schema), **kwargs)
        self.maximum = maximum

    def read(self, value: Any) -> list[Any]:
        self._fits(value)
        read = self.inner.schema.read  # type: ignore[attr-defined]
        return [read(one) for one in value]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        self._fits(value)
        return super()._deserialize(value, attr, data, **kwargs)

    def _fits(self, value: Any) -> None:
        if type(value) is not list:
            raise refuse("wrong_type", expected="list")
        if len(value) > self.maximum:
            raise refuse("too_many", max=self.maximum)
