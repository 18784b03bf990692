"""Names and what stands at their corners: subscripts, powers, layers, primes, T."""

from __future__ import annotations

import re

from symderiv.notes import limits
from symderiv.notes.ranges import conditions_of
from symderiv.notes.raw import (
    Braces,
    Listing,
    Marker,
    Raw,
    Script,
    Scripted,
    Statements,
    Unreadable,
    Wordy,
    items_of,
    one_row,
    settle,
)
from symderiv.notes.tokens import Token
from symderiv.notes.tree import (
    Add,
    Call,
    Comparison,
    Derivative,
    Expr,
    GradientHint,
    Group,
    Indexed,
    Iverson,
    Name,
    Number,
    Power,
    Product,
    Sequence,
    Subscripts,
    Transpose,
    Words,
    compound_text,
)

_TRANSPOSES = frozenset(("T", r"\top", r"\intercal"))
_LAYERS = frozenset(("l", "L", r"\ell"))
_LOSSES = re.compile(r"(?:[LEJC]|\\ell|\\mathcal\{[LEJC]\}|\\mathscr\{L\}|[Ll]oss)$")
_HINTS = (
    re.compile(r"d(?P<of>[A-Za-z]+)_d(?P<by>[A-Za-z]+)$"),
    re.compile(r"d(?P<of>L|J|E|Loss|loss)d(?P<by>[A-Za-z])$"),
    re.compile(r"(?P<of>)grad_?(?P<by>[A-Za-z]+)$"),
    re.compile(r"(?P<of>)(?P<by>[A-Za-z]+)_grad$"),
)


def make_name(token: Token) -> Name:
    """A name from its token, with a hint where it says that it is a gradient."""
    match = next((match for hint in _HINTS if (match := hint.match(token.text))), None)
    hint = GradientHint(match["of"], match["by"]) if match else None
    return Name(token.text, token.text, gradient=hint, place=token.place)


def finish(raw: Raw) -> Raw:
    """A factor with all its scripts; markers and other raw values stay as they are."""
    if not isinstance(raw, Scripted):
        return raw
    if isinstance(raw.base, (Statements, Braces)):
        if isinstance(raw.base, Statements):
            raise Unreadable("a statement in brackets with an index is not understood", raw.place)
        raise Unreadable("braces do not print: write brackets", raw.base.place)
    if isinstance(raw.base, Number):
        return _number(raw.base, raw)
    return attach(raw.base, raw)


def attach(base: Expr, raw: Scripted) -> Expr:
    """``base`` with the scripts of ``raw``: first name parts, then indices, then T and powers."""
    scripts = raw.scripts
    if isinstance(base, Indexed) and any(script.kind in ("sub", "bracket") for script in scripts):
        base = _compound(base)
    if isinstance(base, Name):
        if (derivative := _prime_derivative(base, raw)) is not None:
            return derivative
        base, scripts = _name_parts(base, scripts)
    groups: list[Subscripts] = []
    transposed = False
    exponent: Expr | None = None
    for script in scripts:
        if script.kind in ("sub", "bracket", "glued"):
            if isinstance(base, Name) and base.text == r"\delta" and (brackets := _kronecker(script)):
                return brackets
            groups.append(_subscripts(script))
        elif script.kind == "super":
            value = _superscript(script, bool(groups) or any(one.kind == "sub" for one in scripts))
            if value == "T" and not transposed:
                transposed = True
            elif isinstance(value, Subscripts):
                # "I_{ij}^c" is "I^c_{ij}": one letter above is the channel, wherever TeX has it
                groups.insert(0 if isinstance(value.items[0], Name) and len(value.items) == 1 else len(groups), value)
            elif exponent is None and not isinstance(value, str):
                exponent = value
            else:
                raise Unreadable("two superscripts", script.place)
        else:
            raise Unreadable(f"'{script.text}' after this is not understood", script.place)
    node: Expr = Transpose(base, raw.place) if transposed else base
    node = Indexed(node, tuple(groups), raw.place) if groups else node
    return Power(node, exponent, raw.place) if exponent is not None else node


def _compound(base: Indexed) -> Expr:
    """``{X_1}_{ij}``: what the braces hold is one name, ``X_1``."""
    text = compound_text(base)
    return base if text is None else Name(text, text, place=base.place)


# -- names -------------------------------------------------------------------------------------


def _name_parts(name: Name, scripts: list[Script]) -> tuple[Name, list[Script]]:
    """Primes, marks, layers and words at a name are part of it; the other scripts are given back."""
    primes, layer, word, place = name.primes, name.layer, "", name.place
    rest: list[Script] = []
    for script in scripts:
        if script.kind == "prime":
            primes += 1
        elif script.kind == "mark":
            if layer:
                raise Unreadable("two superscripts", script.place)
            layer = script.text
        elif script.kind == "super" and (found := _layer(script)) is not None:
            text, transposed = found
            if layer and text:
                raise Unreadable("two superscripts", script.place)
            layer = layer or text
            if transposed:
                listing = Listing([[Name("T", "T", place=script.place)]], script.place)
                rest.append(Script("super", listing, script.text, script.place))
        elif script.kind == "sub" and (text := _word_below(script)) and not word:
            word = text
        else:
            rest.append(script)
            continue
        place = place.to(script.place)
    base = f"{name.base}_{{\\text{{{word}}}}}" if word else name.base
    text = base + "'" * primes + (f"^{{{layer}}}" if layer else "")
    return Name(text, base, primes, layer, name.gradient, place if not rest else name.place), rest


def _word_below(script: Script) -> str:
    """The word of ``I_{\\text{in}}``."""
    rows = script.rows.rows if script.rows else []
    if len(rows) != 1 or len(rows[0]) != 1:
        return ""
    item = rows[0][0]
    if isinstance(item, Wordy) and len(item.parts) == 1 and isinstance(item.parts[0], Token):
        return item.parts[0].text
    if isinstance(item, Name) and len(item.text) > 1 and item.text.isalpha():
        return item.text
    if isinstance(item, Marker) and item.kind in ("FUNC", "BIG") and not item.scripts:
        return item.text
    return ""


def _layer(script: Script) -> tuple[str, bool] | None:
    """The text of a superscript that is a layer, and whether a T follows it: ``l``, ``l+1``, ``(l)``, ``[1]``, ``(l)T``."""
    rows = script.rows.rows if script.rows else []
    if len(rows) != 1 or len(rows[0]) != 1:
        return None
    item = rows[0][0]
    if isinstance(item, (Wordy, Listing, Statements, Marker)) or item is None:
        return None
    node = settle(item)
    if isinstance(node, Product) and len(node.factors) == 2 and _is_t(node.factors[1]):
        text = _layer_text(node.factors[0])
        return None if text is None else (text, True)
    text = _layer_text(node)
    return None if text is None else (text, False)


def _layer_text(node: Expr) -> str | None:
    if isinstance(node, Name) and node.text in _LAYERS:
        return node.text
    if isinstance(node, Group) and node.open in "([" and (inner := _plain(node.inner)) is not None:
        return f"({inner})" if node.open == "(" else f"[{inner}]"
    if isinstance(node, Sequence) and node.open == "[" and len(node.items) == 1 and (inner := _plain(node.items[0])) is not None:
        return f"[{inner}]"
    if isinstance(node, Add) and isinstance(node.terms[0], Name) and node.terms[0].text in _LAYERS and node.signs[0] > 0:
        return _plain(node)
    return None


def _plain(node: Expr) -> str | None:
    """A name, a number, or a sum of them, as text."""
    if isinstance(node, Name):
        return node.text
    if isinstance(node, Number):
        return node.digits
    if isinstance(node, Add):
        parts = [_plain(term) for term in node.terms]
        if all(part is not None for part in parts):
            text = "".join(("+" if sign > 0 else "-") + str(part) for sign, part in zip(node.signs, parts, strict=True))
            return text.removeprefix("+")
    return None


def _is_t(node: Expr) -> bool:
    return isinstance(node, Name) and node.text in _TRANSPOSES


def _prime_derivative(name: Name, raw: Scripted) -> Derivative | None:
    """``L_{I_{12}}'`` and ``L'_W``: a prime, and below what is differentiated by."""
    subs = [script for script in raw.scripts if script.kind == "sub"]
    if len(subs) != 1 or sum(script.kind == "prime" for script in raw.scripts) != 1 or len(raw.scripts) != 2:
        return None
    rows = subs[0].rows.rows if subs[0].rows else []
    item = rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else None
    capital = isinstance(item, Name) and item.text[:1].isupper() and bool(_LOSSES.match(name.text))
    if capital or (isinstance(item, Indexed) and isinstance(item.base, Name)):
        return Derivative(name, settle(item), "prime", place=raw.place)
    return None


# -- indices and powers ------------------------------------------------------------------------


def _subscripts(script: Script) -> Subscripts:
    items = items_of(one_row(script.rows), script.place, "a subscript")
    if items == [None]:
        raise Unreadable("an empty subscript", script.place)
    settled = []
    for item in items:
        if isinstance(item, Wordy):
            raise Unreadable("words in a subscript are not understood", item.place)
        if item is None:
            raise Unreadable("an index is missing between commas", script.place)
        node = settle(item)
        if isinstance(node, Comparison):
            raise Unreadable("a relation in a subscript is not understood", node.place)
        settled.append(node)
    style = {"sub": "sub", "bracket": "bracket", "glued": "glued"}[script.kind]
    return Subscripts(tuple(settled), style, script.place)  # type: ignore[arg-type]


def _kronecker(script: Script) -> Iverson | None:
    """``\\delta_{i=c}``."""
    items = items_of(script.rows, script.place, "a subscript")
    if any(isinstance(item, Comparison) for item in items):
        return Iverson(conditions_of([items], script.place), "delta", script.place)
    return None


def _superscript(script: Script, indexed: bool) -> Expr | Subscripts | str:
    """``T``, a list of indices, or an exponent."""
    items = items_of(script.rows, script.place, "a superscript")
    if len(items) > 1:
        return Subscripts(tuple(settle(item) for item in items), "super", script.place)
    if items[0] is None or isinstance(items[0], Wordy):
        raise Unreadable("this superscript is not understood", script.place)
    node = settle(items[0])
    if _is_t(node):
        return "T"
    if indexed and isinstance(node, Product) and set(node.joins) == {""} and all(isinstance(one, Name) for one in node.factors):
        return Subscripts((node,), "super", script.place)
    if indexed and isinstance(node, Name):
        return Subscripts((node,), "super", script.place)
    _check_exponent(node)
    return node


def _check_exponent(node: Expr) -> None:
    if isinstance(node, Number) and node.value > limits.EXPONENT:
        raise Unreadable(limits.over("exponent", limits.EXPONENT, "as a number"), node.place, "exponent")
    if isinstance(node, Power):
        raise Unreadable("exponent beyond the limit of one level: a power of a power", node.place, "exponent")


def _number(base: Number, raw: Scripted) -> Expr:
    """A power of a number; ``1_{i=j}`` is an indicator."""
    first = raw.scripts[0]
    if base.digits == "1" and first.kind == "sub" and len(raw.scripts) == 1:
        items = items_of(first.rows, first.place, "a subscript")
        if any(isinstance(item, (Comparison, Wordy)) for item in items):
            return Iverson(conditions_of([items], raw.place), "indicator", raw.place)
    if [script.text for script in raw.scripts] == ["°"]:
        return Call("deg", (base,), place=raw.place)
    if any(script.kind != "super" for script in raw.scripts):
        raise Unreadable("a number with an index is not understood", raw.place)
    node = attach(base, raw)
    if isinstance(node, Transpose):
        raise Unreadable("a number with a T is not understood", raw.place)
    return node


def words(token: Token) -> Words:
    """Words as a node."""
    return Words(token.text, token.place)
