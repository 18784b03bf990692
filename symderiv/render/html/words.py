"""What the page's script says, in the document's language; ``{x}`` is where the script puts a formula or a number."""

from __future__ import annotations

from collections.abc import Callable


def words(_: Callable[..., str]) -> dict[str, str]:
    """Phrase by key."""
    n, k, x, o, w, a = "{n}", "{k}", "{x}", "{o}", "{w}", "{a}"
    value = "{value}"
    return {
        "comma": _(", "), "and": _(" and "),
        "no window": _("No window contains %(x)s: its gradient is 0.", x=x),
        "one window": _("One window contains %(x)s: that of %(o)s, which multiplies it by %(w)s. So there is one term: the gradient of the output times that weight.", x=x, o=o, w=w),
        "windows": _("%(n)s windows contain %(x)s: those of %(o)s. They multiply it by %(w)s. Each gives one term: the gradient of the output times that weight.", n=n, x=x, o=o, w=w),
        "many windows": _("%(n)s windows contain %(x)s. In the grids each output and the weight that it uses carry the same number; they make one term.", n=n, x=x),
        "many terms": _("%(x)s stands in %(n)s terms: over the filters, and over the windows that contain it.", x=x, n=n),
        "backwards": _("As the outputs go on, the weights go back: the kernel is read backwards."),
        "forwards": _("As the outputs go on, the weights go on too: the forward pass reads the kernel backwards already."),
        "one pool": _("One window contains %(x)s: that of %(o)s.", x=x, o=o),
        "pools": _("%(n)s windows contain %(x)s.", n=n, x=x),
        "maximum of": _("With these numbers it is the maximum of %(o)s.", o=o),
        "no maximum": _("With these numbers it is the maximum of none of them, so its gradient is 0."),
        "all use weight": _("Every output uses %(x)s once, each time with another entry of the input; so the number of terms is %(n)s.", n=n, x=x),
        "some use weight": _("Outputs that multiply an entry of the input by %(x)s: %(n)s of %(k)s; in the others it meets padding.", n=n, k=k, x=x),
        "all use bias": _("Every output adds %(x)s once, so every one hands its gradient back; the number of terms is %(n)s.", n=n, x=x),
        "output reads": _("%(x)s reads the entries of its window, each with the weight at the same place.", x=x),
        "output pools": _("%(x)s reads the entries of its window.", x=x),
        "in padding": _("Places of the window in the padding: %(k)s.", k=k),
        "takes": _("With these numbers it takes %(a)s.", a=a),
        "takes nothing": _("Its window holds only padding."),
        "more terms": _("… (%(n)s more)", n=n),
        "pinned": _("pinned"), "not pinned": _("click to pin, Esc frees"),
        "left out": _("rows or columns left out here"),
        "rows axis": _("rows"), "columns axis": _("columns"), "depth axis": _("depth"), "one axis": _("the axis"),
        "sample": _("sample"), "channel": _("channel"), "filter": _("filter"), "depth of": _("depth in"),
        "go": _("go to the entry"), "row": _("row"), "column": _("column"),
        "terms": _("terms"), "one term": _("1 term"), "n terms": _("%(n)s terms", n=n),
        "one entry": _("1 entry"), "n entries": _("%(n)s entries", n=n),
        "step none": _("No output has handed its gradient back yet."),
        "step": _("%(o)s (%(k)s of %(n)s) lays its gradient times the kernel, not rotated, on the patch that it read.", o=o, k=k, n=n),
        "step pool": _("%(o)s (%(k)s of %(n)s) hands its gradient to its window.", o=o, k=k, n=n),
        "step max": _("%(o)s (%(k)s of %(n)s) hands its gradient to the maximum of its window.", o=o, k=k, n=n),
        "so far": _("Terms of %(x)s so far: %(k)s of %(n)s.", k=k, n=n, x=x),
        "gather": _("Over the padded gradient the rotated kernel stands at the place of %(x)s.", x=x),
        "gather flip": _("Over the padded gradient the kernel, not rotated, stands at the place of %(x)s.", x=x),
        "none left": _("Every product is with a 0: the gradient is 0."),
        "one left": _("Products with 0 fall away; the one that is left is its term."),
        "left": _("Products with 0 fall away; the %(n)s that are left are its terms.", n=n),
        "other filters": _("The faint terms come from the other filters."),
        "agree": _("Difference quotients of L, entry by entry, give the same gradients: %(n)s of %(n)s agree.", n=n),
        "disagree": _("%(k)s of %(n)s difference quotients agree. Where they do not, a maximum stands twice: there max has no derivative, and the tie rule decides.", k=k, n=n),
        "too large": _("Up to a million, above and below zero: %(value)s is further. The last number is kept.", value=value),
        "no number": _("This is no number: %(value)s. The last number is kept.", value=value),
        "which": _("Which term is hidden?"), "right": _("Right."),
        "wrong output": _("No: the window of %(o)s does not contain %(x)s.", o=o, x=x),
        "wrong weight": _("No: %(o)s reads %(x)s with %(w)s.", o=o, x=x, w=w),
        "gap": _("hidden"),
    }
