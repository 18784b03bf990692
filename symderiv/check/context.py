"""What a claim is read against: a layer, the letters that play its roles, conventions so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from symderiv.formula.nodes import Node
from symderiv.index.form import Form
from symderiv.model import Layer
from symderiv.notes.tree import Place
from symderiv.report_model import Message


class Unreadable(Exception):
    """Something was not understood: the message, and the place of it."""

    def __init__(self, message: Message, place: Place) -> None:
        super().__init__(message.key)
        self.message, self.place = message, place


class Unknown(Exception):
    """Everything was read, but a name has no meaning here."""

    def __init__(self, message: Message, place: Place) -> None:
        super().__init__(message.key)
        self.message, self.place = message, place


class ShapeMismatch(Exception):
    """Two maps whose sizes do not fit together."""

    def __init__(self, found: tuple[int, ...], expected: tuple[int, ...]) -> None:
        super().__init__(f"{found} against {expected}")
        self.found, self.expected = found, expected


@dataclass(frozen=True)
class Definition:
    """``name[indices] = body``, as the notes introduced it."""

    indices: tuple[str, ...]
    body: Node
    tensor: str = ""
    """Set where the name is another name of a tensor, so that it may stand without indices."""


Star = Literal["correlation", "convolution"]


@dataclass
class Context:
    """One layer as the notes speak of it."""

    id: int
    layer: Layer
    roles: dict[str, str]
    """The writer's name of each tensor to the canonical one."""
    loss: str = "L"
    sizes: dict[str, Form] = field(default_factory=dict)
    """The writer's name of each size to its value in the layer's own names."""
    unstated: tuple[str, ...] = ()
    """Size names of the layer that the notes never gave a name or a number."""
    base: int = 1
    signs: dict[str, Star] = field(default_factory=dict)
    """What each sign between maps means, fixed by the first equation that decides it."""
    line: int | None = None
    definitions: dict[str, Definition] = field(default_factory=dict)
    matrices: dict[str, object] = field(default_factory=dict)
    """Names that the notes gave to matrices, lowered."""
    tie_rule: bool = False
    """Whether the notes, or the options, say what happens at a tie."""
    superscripts: frozenset[str] = frozenset()
    """Names that the file uses with letter superscripts: a number there is no power."""
    apart: frozenset[str] = frozenset()
    """Letters that the file uses for something of their own: a capital among them is not the map of the small one."""
    slice_end: bool | None = None
    """Whether the end of a slice belongs to it, as the first slice of the notes has it."""
    input_first: bool = False
    """Whether the notes write the forward pass as ``O = I * W``: the second map passes over the first."""
    base_told: bool = True
    """Whether the layer's own statement says from which number positions count."""
    base_open: bool = False
    """Nothing said yet from which number positions count: ``base`` is the usual one."""

    zero_outside: bool = False
    """The notes say that every entry outside its range is 0."""
    zero_tensors: frozenset[str] = frozenset()
    """The notes say it of these tensors only."""
    zero_denied: bool = False
    """The notes say that it is something else."""

    def written(self, canonical: str) -> str:
        """The writer's name of a tensor; of a gradient's tensor too."""
        for name, role in self.roles.items():
            if role == canonical:
                return name
        return canonical

    def rank(self, tensor: str) -> int:
        """How many axes a tensor or its gradient has."""
        return len(self.shape(tensor))

    def shape(self, tensor: str) -> tuple[Form, ...]:
        """The shape of a tensor or of a gradient."""
        names = {t.name for t in self.layer.tensors}
        return self.layer.tensor(tensor if tensor in names else tensor[1:]).shape

    @property
    def names(self) -> Mapping[str, str]:
        return self.roles
