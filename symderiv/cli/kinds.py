"""Kinds of commands and parameters: nothing is given twice, languages by comma, layers completed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click
from click.shell_completion import CompletionItem

LANGUAGES = ("en", "zh")


class Command(click.Command):
    """A command that refuses an option given twice: Click takes the last and says nothing."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing:
            try:
                _, _, order = self.make_parser(ctx).parse_args(list(args))
            except click.UsageError as error:
                error.ctx = error.ctx or ctx
                raise
            for parameter, times in Counter(order).items():
                if times > 1 and isinstance(parameter, click.Option) and not parameter.multiple:
                    count = "twice" if times == 2 else f"{times} times"
                    raise click.UsageError(f"{parameter.opts[-1]} is given {count}; keep one", ctx)
        return super().parse_args(ctx, args)


class Languages(click.ParamType):  # type: ignore[type-arg]
    """One language, or several parted by commas."""

    name = "language"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return "[en|zh|en,zh]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        found = tuple(dict.fromkeys(part.strip() for part in value.split(",")))
        for part in found:
            if part not in LANGUAGES:
                self.fail(f"{part!r} is not one of {', '.join(LANGUAGES)}", param, ctx)
        return found

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(w) for w in (*LANGUAGES, ",".join(LANGUAGES)) if w.startswith(incomplete)]


def complete_layer(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The layers that begin so."""
    from symderiv.layers import LAYERS

    return [name for name in LAYERS if name.startswith(incomplete)]
