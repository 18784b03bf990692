# ruff: noqa: SIM905
"""Tables: what each LaTeX command and each Unicode sign is. Data only; what is in no table is not understood."""

from __future__ import annotations

GREEK = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho varrho "
    "sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega "
    "ell hbar infty top intercal emptyset varnothing imath jmath Re Im".split()
)

TRANSPARENT = frozenset(
    "displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits nonumber notag boldmath unboldmath small "
    "normalsize large Large footnotesize tiny scriptsize huge Huge LARGE rm bf it sf tt cal mathstrut strut centering "
    "hline mathit mathnormal mathsf big Big bigg Bigg bigl bigr Bigl Bigr biggl "
    "biggr Biggl Biggr bigm Bigm mathop mathbin mathrel mathord mathopen mathclose ensuremath substack relax "
    "allowbreak nobreak allowdisplaybreaks noindent".split()
)
"""Commands that change no meaning; the closed list. Their argument, if any, is read as if they were not there."""

COLOURS = frozenset(("color", "textcolor", "mathcolor", "colorbox"))
"""Transparent, and the first argument (a colour) is dropped."""

SPACES = frozenset((",", ";", ":", "!", " ", ">", "/", "thinspace", "medspace", "thickspace", "enspace", "negthinspace"))
WIDE = frozenset(("quad", "qquad", "hfill", "hfil"))
SPACES_WITH_ARGUMENT = frozenset(("hspace", "hspace*", "mspace", "hskip", "kern", "vspace", "vspace*"))

OPERATORS = {
    "cdot": r"\cdot", "times": r"\times", "ast": r"\ast", "star": r"\star", "circledast": r"\circledast",
    "otimes": r"\otimes", "odot": r"\odot", "circ": r"\circ", "bullet": r"\cdot", "div": "/", "bmod": r"\bmod",
    "pmod": r"\pmod", "mod": r"\pmod", "%": r"\bmod", "centerdot": r"\cdot",
}  # fmt: skip

RELATIONS = {
    "equiv": "=", "triangleq": "=", "coloneqq": "=", "colonequals": "=", "doteq": "=", "eq": "=", "eqdef": "=",
    "le": "<=", "leq": "<=", "leqslant": "<=", "leqq": "<=", "ge": ">=", "geq": ">=", "geqslant": ">=", "geqq": ">=",
    "lt": "<", "gt": ">", "ne": "neq", "neq": "neq", "approx": "approx", "simeq": "approx", "sim": "approx",
    "cong": "approx", "in": "in", "notin": "notin", "subset": "subset", "subseteq": "subset", "mid": "divides", "nmid": "ndivides",
    "propto": "prop", "to": "arrow", "rightarrow": "arrow", "longrightarrow": "arrow", "mapsto": "arrow",
    "leftarrow": "assign", "gets": "assign", "longleftarrow": "assign",
}  # fmt: skip

IMPLIES = frozenset(("Rightarrow", "implies", "Longrightarrow", "therefore", "because", "iff", "Leftrightarrow"))

BIG = {"sum": "sum", "max": "max", "min": "min", "prod": "prod", "argmax": "argmax", "argmin": "argmin"}

FUNCTIONS = frozenset("exp log ln lg sin cos tan tanh sinh cosh sqrt det rank dim deg gcd Pr arg".split())

WORD_SIGNS = {
    "forall": "for all", "wedge": "and", "land": "and", "cap": "and", "vee": "or", "lor": "or", "cup": "or",
}  # fmt: skip

DOTS = frozenset("ldots cdots dots dotsc dotsb dotsm dotso vdots ddots".split())

DELIMITERS = {
    "(": ("LPAR", "("), ")": ("RPAR", ")"), "[": ("LBRACK", "["), "]": ("RBRACK", "]"), "\\{": ("LSET", "{"),
    "\\}": ("RSET", "}"), "\\lbrace": ("LSET", "{"), "\\rbrace": ("RSET", "}"), "\\lbrack": ("LBRACK", "["),
    "\\rbrack": ("RBRACK", "]"), "\\lvert": ("LABS", "|"), "\\rvert": ("RABS", "|"), "\\lfloor": ("LFLOOR", "floor"),
    "\\rfloor": ("RFLOOR", "floor"), "\\lceil": ("LCEIL", "ceil"), "\\rceil": ("RCEIL", "ceil"),
    "⌊": ("LFLOOR", "floor"), "⌋": ("RFLOOR", "floor"), "⌈": ("LCEIL", "ceil"), "⌉": ("RCEIL", "ceil"),
    "（": ("LPAR", "("), "）": ("RPAR", ")"), "【": ("LBRACK", "["), "】": ("RBRACK", "]"),
    "［": ("LBRACK", "["), "］": ("RBRACK", "]"), "{": ("LSET", "{"), "}": ("RSET", "}"),
}  # fmt: skip
"""The last two are for plain text only, where braces print."""

MATRICES = frozenset(
    "matrix bmatrix pmatrix Bmatrix vmatrix Vmatrix smallmatrix bsmallmatrix psmallmatrix array bmatrix* pmatrix*".split()
)
CASES = frozenset(("cases", "dcases", "rcases", "cases*", "dcases*", "numcases"))
ALIGNED = frozenset(
    "aligned alignedat split gathered multlined align align* alignat alignat* gather gather* multline multline* "
    "equation equation* eqnarray eqnarray* flalign flalign* displaymath math subequations dmath dmath*".split()
)
WITH_ARGUMENT = frozenset(("array", "alignedat", "alignat", "alignat*", "subarray", "numcases"))
"""Environments whose first braces are not printed."""

TEXT = frozenset("text mbox textrm textnormal textbf textit hbox textup emph".split())
IDENTIFIER = frozenset("mathrm operatorname operatorname* operatornamewithlimits mathtt texttt textsf textsc mathup".split())
ALPHABETS = frozenset("mathcal mathscr mathfrak mathbb mathbbm mathds mathbbold".split())
ACCENTS = frozenset("hat bar tilde dot ddot vec widehat widetilde overline underline check breve mathring".split())
FRACTIONS = frozenset("frac dfrac tfrac cfrac".split())

CONDITION_WORDS = frozenset(
    "if for when where otherwise else and or with such that s.t. iff elsewhere whenever unless because since let given "
    "for all for each for every 若 当 如果 其中 对于 对 对任意 否则 其他 其它 因为 由于 设 令 假设 且 或 时".split()
)
CONNECTIVES = frozenset(
    (
        "then", "so", "hence", "thus", "therefore", "i.e.", "ie", "that is", "and", "also", "similarly", "likewise",
        "we have", "we get", "so we have", "we obtain", "finally", "it follows that", "in summary", "which gives",
        "则", "则有", "所以", "故", "即", "因此", "从而", "于是", "得", "可得", "得到", "有", "且", "和", "以及", "同理", "同理可得", "综上",
        "综上所述", "那么", "也就是", "我们有", "我们得到", "由此得到", "由此可得", "可以得到", "⇒", "∴", "∵",
    )
)  # fmt: skip
"""Leading words that are dropped, lower case, without punctuation; the closed list."""
OPENING = frozenset(
    "if for when where with such for_all for_each for_every whenever unless s.t. given let 若 当 如果 其中 对于 对 对任意 设 令 假设 若是".split()
)
"""Words that open a condition which runs to the next comma or connective."""
DEFINING = frozenset(("where", "let", "with", "其中", "设", "令", "记", "定义", "define"))
"""Words that only introduce an equation where they begin a span; after an equation they open a condition."""
AND_WORDS = frozenset(("and", "&", "且", "并且", "和", "而且", "以及", ","))
SUCH_THAT_WORDS = frozenset(("s.t.", "s.t", "st", "such that", "subject to", "where", "with", "其中", "满足"))
OR_WORDS = frozenset(("or", "或", "或者", "或是"))

BARE_WORDS = frozenset(
    "otherwise else elsewhere when where pool if for and or argmax argmin max min exp log ln softmax sigmoid relu "
    "ReLU tanh flip pad conv vec rot otherwise".split()
)
"""Runs of letters in TeX mathematics that are words all the same."""
WORD_FUNCTIONS = frozenset(
    "exp log ln sqrt tanh softmax sigmoid relu ReLU flip pad conv vec rot abs floor ceil sum max min prod argmax argmin "
    "rot180 flip180 Flip Rot180 upsample up down diag tr sign sgn corr full valid same unpool dilate crop mean avg "
    "conv2d conv2D Conv Conv2d conv1d conv2 rot90 correlate correlate2d xcorr".split()
)

UNICODE_OPERATORS = {
    "·": r"\cdot", "⋅": r"\cdot", "∙": r"\cdot", "•": r"\cdot", "×": r"\times", "✕": r"\times", "∗": r"\ast",
    "⋆": r"\star", "★": r"\star", "☆": r"\star", "⊛": r"\circledast", "⊗": r"\otimes", "⊙": r"\odot", "∘": r"\circ",
    "÷": "/", "∕": "/", "＊": "*", "／": "/",
}  # fmt: skip
UNICODE_RELATIONS = {
    "＝": "=", "≡": "=", "≜": "=", "≔": "=", "≤": "<=", "≦": "<=", "⩽": "<=", "≥": ">=", "≧": ">=", "⩾": ">=",
    "≠": "neq", "≈": "approx", "≃": "approx", "∼": "approx", "∈": "in", "∉": "notin", "⊂": "subset", "⊆": "subset",
    "∣": "divides", "∤": "ndivides", "∝": "prop", "→": "arrow", "⟶": "arrow", "↦": "arrow", "←": "assign", "＜": "<", "＞": ">",
}  # fmt: skip
UNICODE_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩϵϕϑϱς",
        (
            "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon varphi "
            "chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega epsilon phi vartheta varrho varsigma"
        ).split(),
        strict=True,
    )
)
SUBSCRIPT = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧ", "0123456789+-=()aehijklmnoprstuvxβγ", strict=True))
SUPERSCRIPT = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵀᵗˡⁱⁿᵐᵏʲᵃᵇᶜᵈʰᵒᵖʳˢᵘᵛʷˣʸᶻ", "0123456789+-=()Ttlinmkjabcdhoprsuvwxyz", strict=True))
CIRCLED = dict(zip("①②③④⑤⑥⑦⑧⑨⑩⑪⑫", "1 2 3 4 5 6 7 8 9 10 11 12".split(), strict=True))
PUNCTUATION = {"，": "COMMA", ",": "COMMA", "、": "COMMA", ";": "SEMI", "；": "SEMI", "。": "PERIOD", ".": "PERIOD", "．": "PERIOD", "：": "COLON", ":": "COLON", "&": "AMP"}  # fmt: skip
