"""The page in Chromium: what lights up, and the formulas that it shows, against the enumeration of the forward pass."""

import itertools
import os
import re
import shutil
from fractions import Fraction

import pytest

from symderiv.api import derive_data
from symderiv.layers import make
from symderiv.render.document import render
from symderiv.render.options import Options
from symderiv.verify.enumerate import enumerate_layer

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
LAYERS = {
    "seed": ("conv2d", {"input": "3x3", "kernel": "2x2"}),
    "stride and padding": ("conv2d", {"input": "5x4", "kernel": "3x2", "stride": "2x1", "padding": "1x0"}),
    "dilation": ("conv2d", {"input": "5x5", "kernel": "2x2", "dilation": 2, "stride": 2, "padding": 1}),
    "unread": ("conv2d", {"input": "6x6", "kernel": "2x2", "stride": 3}),
    "flip": ("conv2d", {"input": "3x4", "kernel": "2x2", "flip": True, "bias": False}),
    "one axis": ("conv1d", {"input": 6, "kernel": 3, "dilation": 2}),
    "three axes": ("conv3d", {"input": "3x3x2", "kernel": "2x2x2"}),
    "channels": ("conv2d", {"input": "3x3", "kernel": "2x2", "channels": 2, "filters": 3, "batch": 2}),
    "groups": ("conv2d", {"input": "3x3", "kernel": "2x2", "channels": 4, "filters": 4, "groups": 2}),
    "average": ("avg_pool2d", {"input": "5x5", "kernel": "3x3", "stride": 2, "padding": 1, "ceil_mode": True, "count_include_pad": False}),
    "average with padding": ("avg_pool2d", {"input": "4x5", "kernel": "2x3", "stride": "2x2", "padding": 1, "ceil_mode": True}),
    "average channels": ("avg_pool1d", {"input": 5, "kernel": 2, "channels": 2}),
}
MAXIMA = {
    "overlap": ("max_pool2d", {"input": "4x4", "kernel": "2x2", "stride": 1}),
    "padding": ("max_pool2d", {"input": "4x4", "kernel": "3x3", "stride": 2, "padding": 1}),
    "all": ("max_pool1d", {"input": 6, "kernel": 3, "stride": 1, "ties": "all"}),
    "split": ("max_pool2d", {"input": "3x3", "kernel": "2x2", "stride": 1, "ties": "split"}),
}
READ = """(asked) => {
  const root = document.querySelector("[data-explore]");
  const refs = (css) => Array.from(root.querySelectorAll(css), (node) => node.dataset.ref);
  const look = (ref) => {
    location.hash = "#" + ref.replaceAll(" ", "-");
    return new Promise((done) => setTimeout(() => done({
      asked: refs("[data-grid] td.asked"), out: refs("[data-grid='O'] td.out"), weight: refs("[data-grid='W'] td.weight"),
      patch: refs("[data-grid='I'] td.patch"), chosen: refs("[data-grid='I'] td.chosen"), shown: refs("[data-grid] td[data-ref]"),
      left: refs("[data-part='formula'] .left [data-ref]"),
      terms: Array.from(root.querySelectorAll("[data-part='formula'] [data-term]"), (term) => ({
        refs: Array.from(term.querySelectorAll("[data-ref]"), (node) => node.dataset.ref), idle: term.classList.contains("idle"),
        divisor: (term.querySelector("mfrac > mn:last-child") || {}).textContent || "1",
      })),
      text: root.querySelector("[data-part='formula']").textContent,
    }), 0));
  };
  return asked.reduce(async (found, ref) => [...await found, await look(ref)], Promise.resolve([]));
}"""


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no chromium")
    with api.sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a layer's page from a file, offline; what the browser complains of fails the test."""
    faults, contexts = [], []

    def open_page(name, options, fragment="", **look):
        size = look.pop("viewport", {"width": 1280, "height": 1000})
        data = derive_data(make(name, **options))
        file = tmp_path / "page.html"
        file.write_text("".join(render(data, Options(format="html", **look))), encoding="utf-8")
        context = browser.new_context(viewport=size, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: request.url.startswith("file:") or faults.append(request.url))
        page.goto(file.as_uri() + fragment)
        page.wait_for_selector("html.ready")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def ref(tensor, q):
    return " ".join(map(str, (tensor, *q)))


def every(layer, tensor):
    return list(itertools.product(*(range(1, n + 1) for n in layer.shape(tensor))))


def products(poly):
    """Each monomial as the set of its entries, with its coefficient."""
    return sorted((sorted(ref(t, q) for t, q in monomial), c) for monomial, c in poly.items())


def shown_products(found):
    return sorted((sorted(term["refs"]), Fraction(1, int(term["divisor"]))) for term in found["terms"])


def outputs_of(poly):
    return {q for monomial in poly for tensor, q in monomial if tensor == "dO"}


@pytest.mark.parametrize("case", LAYERS)
def test_what_lights_up_and_the_formulas_are_the_enumerations(opened, case):
    name, options = LAYERS[case]
    layer = make(name, **options)
    truth = enumerate_layer(layer)
    page = opened(name, options)
    asked = [(t.name, q) for t in layer.parameters for q in every(layer, t.name)]
    for (tensor, q), found in zip(asked, page.evaluate(READ, [ref(*a) for a in asked]), strict=True):
        poly = truth.gradients[tensor].get(q, {})
        assert found["asked"] == [ref(tensor, q)]
        assert found["left"] == [ref("d" + tensor, q)]
        assert shown_products(found) == products(poly), (tensor, q)
        if not poly:
            assert found["text"].endswith("=0")
        on_screen = set(found["shown"])
        outputs = outputs_of(poly)
        assert set(found["out"]) == {ref("O", o) for o in outputs} & on_screen
        assert found["out"] or not outputs
        if tensor == "I":
            windows = {ref("I", p) for o in outputs for m in truth.outputs[o] for t, p in m if t == "I"}
            assert set(found["patch"]) == windows & on_screen
            weights = {ref("W", p) for m in poly for t, p in m if t == "W"}
            assert set(found["weight"]) == weights & on_screen
        if tensor == "W":
            assert set(found["patch"]) == {ref("I", p) for m in poly for t, p in m if t == "I"} & on_screen


@pytest.mark.parametrize("case", ["seed", "stride and padding", "dilation", "flip", "one axis", "channels", "groups", "average", "average with padding"])
def test_an_output_shows_what_it_reads(opened, case):
    name, options = LAYERS[case]
    layer = make(name, **options)
    truth = enumerate_layer(layer)
    page = opened(name, options)
    asked = every(layer, "O")
    for o, found in zip(asked, page.evaluate(READ, [ref("O", o) for o in asked]), strict=True):
        poly = truth.outputs[o]
        read = sorted(sorted(ref(t, q) for t, q in m) for m in poly if any(t == "I" for t, _ in m))
        assert sorted(sorted(term["refs"]) for term in found["terms"]) == read
        assert set(found["patch"]) == {r for refs in read for r in refs if r[0] == "I"} & set(found["shown"])
        assert found["asked"] == [ref("O", o)]


@pytest.mark.parametrize("case", MAXIMA)
def test_maxima_by_the_numbers_and_the_tie_rule(opened, case):
    name, options = MAXIMA[case]
    layer = make(name, **options)
    truth = enumerate_layer(layer)
    page = opened(name, options)
    fields = page.evaluate("Array.from(document.querySelectorAll('[data-value]'), (f) => [f.dataset.value, f.value])")
    numbers = {key: Fraction(value) for key, value in fields}
    best = {}
    for o, cells in truth.space.windows.items():
        top = max(numbers[ref("I", i)] for i in cells)
        ties = [i for i in sorted(cells) if numbers[ref("I", i)] == top]
        best[o] = ties[:1] if layer.ties == "first" else ties
    asked = every(layer, "I")
    for q, found in zip(asked, page.evaluate(READ, [ref("I", q) for q in asked]), strict=True):
        outputs = outputs_of(truth.gradients["I"].get(q, {}))
        assert sorted(term["refs"] for term in found["terms"]) == sorted([ref("dO", o)] for o in outputs)
        assert {term["refs"][0] for term in found["terms"] if not term["idle"]} == {ref("dO", o) for o in outputs if q in best[o]}
        assert set(found["chosen"]) == {ref("I", i) for o in outputs for i in best[o]}
        share = {o: Fraction(1, len(best[o])) if layer.ties == "split" else 1 for o in outputs}
        gradient = sum((share[o] * numbers[ref("dO", o)] for o in outputs if q in best[o]), Fraction(0))
        written = page.text_content(f"[data-result='{ref('dI', q)}']").replace("−", "-")
        assert abs(Fraction(written) - gradient) <= Fraction(1, 10_000)
    if case in ("all", "split"):
        assert any(len(cells) > 1 for cells in best.values())


def test_numbers_typed_in_give_the_gradients_of_plain_loops(opened):
    page = opened("conv2d", {"input": "3x3", "kernel": "2x2", "stride": 2, "padding": 1})
    page.fill("[data-value='I 2 3']", "-2.5")
    page.fill("[data-value='W 1 2']", "4")
    read = "(css) => Object.fromEntries(Array.from(document.querySelectorAll(css), (n) => [n.dataset.value || n.dataset.result, (n.value || n.textContent).replace('−', '-')]))"
    x = {key: Fraction(value) for key, value in page.evaluate(read, "[data-value]").items()}
    assert x["I 2 3"] == Fraction(-5, 2) and x["W 1 2"] == 4
    expected = dict.fromkeys(page.evaluate(read, "[data-result]"), Fraction(0))
    for i, j in itertools.product((1, 2), repeat=2):
        g, out = x[f"dO {i} {j}"], x["b"]
        expected["db"] += g
        for u, v in itertools.product((1, 2), repeat=2):
            r, c = 2 * i + u - 3, 2 * j + v - 3
            if 1 <= r <= 3 and 1 <= c <= 3:
                out += x[f"I {r} {c}"] * x[f"W {u} {v}"]
                expected[f"dI {r} {c}"] += g * x[f"W {u} {v}"]
                expected[f"dW {u} {v}"] += g * x[f"I {r} {c}"]
        expected[f"O {i} {j}"] = out
    assert {key: Fraction(value) for key, value in page.evaluate(read, "[data-result]").items()} == expected
    assert "14 of 14 agree" in page.text_content("[data-part='quotients']")
    page.fill("[data-value='I 1 1']", "two")
    assert "no number: two" in page.text_content("[data-part='quotients']")
    page.fill("[data-value='I 1 1']", "1e308")
    assert "a million" in page.text_content("[data-part='quotients']") and "Infinity" not in page.text_content("[data-part='follows']")


def test_a_wrong_gradient_would_not_pass_the_difference_quotients(opened):
    page = opened("max_pool1d", {"input": 4, "kernel": 2, "stride": 1})
    assert "agree" in page.text_content("[data-part='quotients']")
    page.fill("[data-value='I 2']", page.input_value("[data-value='I 1']"))
    said = page.text_content("[data-part='quotients']")
    assert re.match(r"[23] of 4 difference quotients agree\.", said)


def test_pointing_pinning_walking_and_the_address(opened):
    page = opened("conv2d", {"input": "3x3", "kernel": "2x2"})
    left = "[data-part='formula'] .left [data-ref]"
    assert page.get_attribute(left, "data-ref") == "dI 1 2"
    page.hover("[data-grid='I'] [data-ref='I 2 2']")
    assert page.get_attribute(left, "data-ref") == "dI 2 2"
    assert page.get_attribute("[data-grid='W'] [data-ref='W 2 2']", "data-badge") == "1"
    assert page.get_attribute("[data-grid='W'] [data-ref='W 1 1']", "data-badge") == "4"
    page.click("[data-grid='I'] [data-ref='I 3 3']")
    assert page.url.endswith("#I-3-3")
    page.hover("[data-grid='O'] [data-ref='O 2 2']")
    assert page.get_attribute(left, "data-ref") == "dI 3 3"
    assert page.locator("[data-part='formula'] .term.focus").count() == 1
    page.hover("[data-grid='O'] [data-ref='O 1 1']")
    assert page.locator("[data-part='formula'] .term.focus").count() == 0
    page.focus("[data-grid='I'] [data-ref='I 3 3']")
    page.keyboard.press("ArrowUp")
    assert page.get_attribute(left, "data-ref") == "dI 2 3" and page.url.endswith("#I-2-3")
    page.reload()
    page.wait_for_selector("html.ready")
    assert page.get_attribute(left, "data-ref") == "dI 2 3"
    assert page.locator("td.pinned").get_attribute("data-ref") == "I 2 3"
    page.keyboard.press("Escape")
    assert page.locator("td.pinned").count() == 0 and "#" not in page.url
    page.hover("[data-grid='I'] [data-ref='I 1 1']")
    page.focus("[data-grid='I'] [data-ref='I 2 2']")
    for key in ("Enter", "ArrowDown", "Escape"):
        page.keyboard.press(key)
    assert page.get_attribute(left, "data-ref") == "dI 3 2" == "d" + page.evaluate("document.activeElement.dataset.ref")
    page.focus("[data-grid='W'] [data-ref='W 1 1']")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.url.endswith("#W-1-2")


def test_a_term_lights_its_pair(opened):
    page = opened("conv2d", {"input": "3x3", "kernel": "2x2"}, "#I-2-2")
    page.hover("[data-part='formula'] [data-term='1']")
    assert page.evaluate("Array.from(document.querySelectorAll('td.focus'), (n) => n.dataset.ref)") == ["I 2 2", "W 2 1", "O 1 2"]


@pytest.mark.parametrize("options", [{"input": "3x3", "kernel": "2x2"}, {"input": "5x5", "kernel": "3x3", "stride": 2, "padding": 1}, {"input": "4x4", "kernel": "2x2", "flip": True}])
def test_the_sum_fills_in_the_order_of_the_outputs_and_is_the_full_convolution(opened, options):
    layer = make("conv2d", **options)
    truth, outputs = enumerate_layer(layer), every(layer, "O")
    q = (2, 2)
    page = opened("conv2d", options, "#" + ref("I", q).replace(" ", "-"))
    expected = products(truth.gradients["I"][q])
    for k in range(len(outputs) + 1):
        page.evaluate("(k) => { const s = document.querySelector('[data-part=slider]'); s.value = k; s.dispatchEvent(new Event('input')); }", k)
        there = page.evaluate("Array.from(document.querySelectorAll('[data-part=sum] .term:not(.faint)'), (t) => Array.from(t.querySelectorAll('[data-ref]'), (n) => n.dataset.ref))")
        done = {ref("dO", o) for o in outputs[:k]}
        assert sorted(map(sorted, there)) == [refs for refs, _ in expected if done & set(refs)]
    page.click("[data-way='gather']")
    for step, p in enumerate(every(layer, "I")):
        page.evaluate("(k) => { const s = document.querySelector('[data-part=slider]'); s.value = k; s.dispatchEvent(new Event('input')); }", step)
        pairs = page.evaluate("Array.from(document.querySelectorAll('.padded td.used'), (t) => Array.from(t.querySelectorAll('[data-ref]'), (n) => n.dataset.ref))")
        assert sorted(map(sorted, pairs)) == [refs for refs, _ in products(truth.gradients["I"].get(p, {}))]


SLIDE = "(k) => { const s = document.querySelector('[data-part=slider]'); s.value = k; s.dispatchEvent(new Event('input')); }"


@pytest.mark.parametrize(("name", "options"), [("conv3d", {"input": "3x3x2", "kernel": "2x2x2"}), ("avg_pool3d", {"input": "3x3x3", "kernel": 2, "stride": 1})])
def test_of_three_axes_the_sum_fills_over_the_outputs_of_all_depths(opened, name, options):
    layer = make(name, **options)
    truth, outputs, q = enumerate_layer(layer), every(layer, "O"), (2, 2, 1)
    page = opened(name, options, "#" + ref("I", q).replace(" ", "-"))
    assert page.get_attribute("[data-part='slider']", "max") == str(len(outputs))
    assert page.locator("[data-way='gather']").count() == 0
    for k in range(len(outputs) + 1):
        page.evaluate(SLIDE, k)
        there = page.evaluate("Array.from(document.querySelectorAll('[data-part=sum] .term:not(.faint)'), (t) => Array.from(t.querySelectorAll('[data-ref]'), (n) => n.dataset.ref))")
        done = {ref("dO", o) for o in outputs[:k]}
        assert sorted(map(sorted, there)) == [refs for refs, _ in products(truth.gradients["I"][q]) if done & set(refs)]
    window = {t for m in truth.outputs[outputs[-1]] for tensor, t in m if tensor == "I" and t[0] == q[0]}
    assert page.locator("[data-own='scatter'] td.patch").count() == len(window)


def test_the_hidden_term(opened):
    page = opened("conv2d", {"input": "3x3", "kernel": "2x2"})
    truth = enumerate_layer(make("conv2d", input="3x3", kernel="2x2")).gradients["I"]
    for _ in range(4):
        q = tuple(map(int, page.get_attribute("[data-part='hidden'] .left [data-ref]", "data-ref").split()[1:]))
        stand = page.evaluate("Array.from(document.querySelectorAll('[data-part=hidden] .term:not(.asked)'), (t) => Array.from(t.querySelectorAll('[data-ref]'), (n) => n.dataset.ref).sort())")
        (missing,) = [refs for refs, _ in products(truth[q]) if refs not in stand]
        answers = page.evaluate("Array.from(document.querySelectorAll('[data-part=answers] button'), (t) => Array.from(t.querySelectorAll('[data-ref]'), (n) => n.dataset.ref).sort())")
        assert answers.count(missing) == 1 and len({tuple(a) for a in answers}) == len(answers) > 1
        for k, answer in enumerate(answers):
            page.click(f"[data-part='answers'] button:nth-child({k + 1})")
            assert page.text_content("[data-part='verdict']").startswith("Right" if answer == missing else "No")
        page.click("[data-part='another']")


def test_a_large_layer_shows_a_few_cells_and_every_formula(opened):
    page = opened("conv2d", {"input": "224x224", "kernel": "3x3", "padding": 1}, "#I-100-224")
    assert page.evaluate("document.querySelectorAll('*').length") < 6000
    (found,) = page.evaluate(READ, ["I 100 224"])
    expected = []
    for i, j, u, v in itertools.product(range(98, 103), range(221, 225), (1, 2, 3), (1, 2, 3)):
        if (i + u - 2, j + v - 2) == (100, 224):
            expected.append(([f"W {u} {v}", f"dO {i} {j}"], 1))
    assert shown_products(found) == sorted(expected) and len(expected) == 6
    assert len(found["out"]) == 6
    page.fill(".go input >> nth=0", "7")
    page.fill(".go input >> nth=1", "224")
    page.click(".go button")
    assert page.url.endswith("#I-7-224")


def test_the_arrow_keys_walk_on_in_a_large_layer(opened):
    page = opened("conv2d", {"input": "224x224", "kernel": "5x5"})
    focused = "document.activeElement.dataset.ref"
    page.click("[data-grid='I'] [data-ref='I 110 113']")
    assert page.evaluate(focused) == "I 110 113"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == "I 111 114" and page.url.endswith("#I-111-114")
    page.keyboard.press("Enter")
    assert page.evaluate(focused) == "I 111 114" and "#" not in page.url
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(focused) == "I 111 113"
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowUp")
    assert (page.evaluate(focused) or "").startswith("I ")
    page.click("[data-grid='O'] [data-ref='O 1 1']")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) == "O 1 2"


def test_counting_from_zero_and_other_symbols(opened):
    page = opened("conv2d", {"input": "3x3", "kernel": "2x2"}, "#I-0-1", index_base=0, symbols={"input": "X", "upstream": r"\delta"})
    assert page.text_content("[data-part='formula']").replace(" ", "").startswith("∂L∂X01=δ00⋅W01+δ01⋅W00")


def test_two_layers_of_a_page_are_explored_apart(browser, tmp_path):
    data, pool = (derive_data(make(n, input="3x3", kernel="2x2", stride=1)) for n in ("conv2d", "max_pool2d"))
    file = tmp_path / "notes.html"
    file.write_text("".join(render(data, Options(format="html", style="notes"), [pool])), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri() + "#2-I-2-3")
    page.wait_for_selector("html.ready")
    pinned = page.evaluate("Array.from(document.querySelectorAll('td.pinned'), (n) => [n.closest('[data-explore]').dataset.page, n.dataset.ref])")
    assert pinned == [["2", "I 2 3"]]
    page.click("#explore-1 [data-grid='O'] [data-ref='O 2 1']")
    assert page.url.endswith("#O-2-1")
    page.close()


@pytest.mark.parametrize(("name", "options"), [
    ("conv2d", {"input": "224x224", "kernel": "5x5"}), ("conv2d", {"input": "28x28", "kernel": "5x5"}), ("avg_pool2d", {"input": "12x12", "kernel": "4x4", "stride": 1}),
])
def test_on_paper_nothing_is_left_in_a_scroll_box(opened, name, options):
    page = opened(name, options, viewport={"width": 718, "height": 1040})
    page.emulate_media(media="print")
    boxes = page.evaluate("""() => Array.from(document.querySelectorAll("main *"))
      .filter((node) => node.clientHeight && getComputedStyle(node).display !== "inline")
      .filter((node) => node.scrollHeight > node.clientHeight + 1 && getComputedStyle(node).overflowY !== "visible" || /auto|scroll/.test(getComputedStyle(node).overflow))
      .map((node) => node.className || node.dataset.part)""")
    assert boxes == []
    answer, terms = page.evaluate(BOXES)["answer"][0], page.evaluate(BOXES)["terms"]
    assert len(terms) > 16 and max(term[3] for term in terms) <= answer[3]


def test_on_paper_the_head_of_a_table_is_repeated():
    text = "".join(render(derive_data(make("conv2d", input="28x28", kernel="5x5")), Options(format="html")))
    assert all(table.startswith("<thead>") for table in re.findall(r'<table class="told">\s*(<\w+>)', text))


def test_a_page_of_a_telephone_has_no_sideways_scrolling(opened):
    page = opened("conv2d", {"input": "28x28", "kernel": "5x5"}, viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


BOXES = """() => {
  const box = (css) => Array.from(document.querySelectorAll(css), (node) => {
    const { left, top, right, bottom } = node.getBoundingClientRect();
    return [left, top, right, bottom];
  });
  return {
    title: box("h1"), grids: box("#explore-1 .stage table"), story: box("#explore-1 [data-part='story'] p"),
    formula: box("#explore-1 [data-part='formula']"), terms: box("#explore-1 [data-part='formula'] .left, #explore-1 [data-part='formula'] [data-term]"),
    answer: box("#explore-1 .answer"), key: box("#explore-1 .key"), width: document.documentElement.clientWidth,
  };
}"""


def apart(a, b):
    return a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1366, 657), (1280, 720), (1280, 600), (1920, 1080)])
def test_title_grids_and_formula_are_on_the_first_screen(opened, width, height, lang):
    page = opened("conv2d", {"input": "3x3", "kernel": "2x2"}, viewport={"width": width, "height": height}, lang=lang)
    for fragment in ("", "I 2 2", "W 1 1", "O 1 1"):
        page.evaluate("(ref) => { if (ref) location.hash = '#' + ref.replaceAll(' ', '-'); return new Promise((done) => setTimeout(done, 0)); }", fragment)
        boxes = page.evaluate(BOXES)
        assert page.evaluate("scrollY") == 0
        assert len(boxes["grids"]) == 4 and len(boxes["terms"]) > 2
        for left, top, right, bottom in boxes["title"] + boxes["grids"] + boxes["key"] + boxes["story"] + boxes["terms"]:
            assert 0 <= left < right <= width and 0 <= top < bottom <= height


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1280, 720), (1300, 1000), (1920, 1080)])
def test_grids_of_a_larger_layer_and_the_panel_are_seen_together(opened, width, height):
    page = opened("conv2d", {"input": "28x28", "kernel": "5x5"}, viewport={"width": width, "height": height})
    boxes = page.evaluate(BOXES)
    for left, top, right, bottom in boxes["title"] + boxes["grids"] + boxes["answer"]:
        assert 0 <= left < right <= width and 0 <= top < bottom <= height
    assert min(b[2] - b[0] for b in boxes["grids"] if b[2] - b[0] > 200) / 29 > 8


@pytest.mark.parametrize("width", [1240, 1280, 1920])
@pytest.mark.parametrize("options", [{"input": "28x28", "kernel": "4x4"}, {"input": "224x224", "kernel": "3x3"}, {"input": "224x224", "kernel": "2x2"}])
def test_a_letter_stays_in_its_cell(opened, options, width):
    page = opened("conv2d", options, viewport={"width": width, "height": 800})
    outside = page.evaluate("""() => Array.from(document.querySelectorAll("[data-grid] td[data-ref] math")).filter((math) => {
      const drawn = math.getBoundingClientRect(), cell = math.closest("td").getBoundingClientRect();
      return drawn.left < cell.left + 1 || drawn.right > cell.right - 1 || drawn.bottom > cell.bottom || drawn.top < cell.top;
    }).map((math) => math.textContent)""")
    assert outside == [] and page.locator("[data-grid='W'] math").count() > 3


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_of_a_large_layer_the_formula_has_the_whole_width_and_the_overview_a_caption(opened, lang):
    page = opened("conv2d", {"input": "224x224", "kernel": "5x5"}, viewport={"width": 1280, "height": 800}, lang=lang)
    boxes = page.evaluate(BOXES)
    assert boxes["formula"][0][2] - boxes["formula"][0][0] > 1200
    assert len({round(top / 20) for _, top, _, _ in boxes["terms"][1:]}) <= 5  # 25 terms in a few rows
    assert page.locator("[data-map='whole'] figcaption").is_visible() and page.locator("canvas").is_visible()


@pytest.mark.parametrize(("width", "height"), [(360, 640), (400, 800), (768, 1024), (1024, 768), (1100, 700), (1200, 900), (1280, 720)])
@pytest.mark.parametrize("options", [
    {"input": "3x3", "kernel": "2x2"}, {"input": "6x6", "kernel": "3x3", "padding": 1}, {"input": "28x28", "kernel": "5x5"},
    {"input": "12x12", "kernel": "3x3", "stride": 2}, {"input": "4x4", "kernel": "2x2", "channels": 2, "filters": 3},
])
def test_the_panel_never_covers_the_grids(opened, options, width, height):
    page = opened("conv2d", options, viewport={"width": width, "height": height})
    for scroll in (0, 150, 400, 800):
        page.evaluate("(y) => scrollTo({ top: y, behavior: 'instant' })", scroll)
        boxes = page.evaluate(BOXES)
        assert all(apart(boxes["answer"][0], grid) for grid in boxes["grids"])
        assert all(left >= 0 and right <= boxes["width"] for left, _, right, _ in boxes["grids"] + boxes["answer"])


@pytest.mark.parametrize("options", [{"input": "3x3", "kernel": "2x2"}, {"input": "28x28", "kernel": "5x5"}])
def test_on_a_telephone_the_input_and_its_formula_fit_one_screen(opened, options):
    page = opened("conv2d", options, viewport={"width": 400, "height": 800})
    boxes = page.evaluate(BOXES)
    assert boxes["formula"][0][3] - boxes["grids"][0][1] < 800


BROKEN = """() => {
  for (const sheet of document.styleSheets) for (const rule of sheet.cssRules) if (rule.style && rule.style.contentVisibility) rule.style.contentVisibility = "visible";
  const marks = /^[,.;:!?)、，。；：！？）]/, out = { aside: [], parted: [], marks: 0 };
  for (const node of document.querySelectorAll(".derivation .eq, .derivation .right, .derivation .display, [data-part='formula'] .eq, .derivation p, .answer p, .lead"))
    if (node.scrollWidth > node.clientWidth + 1 && node.clientWidth) out.aside.push([node.textContent, node.scrollWidth, node.clientWidth]);
  for (const math of document.querySelectorAll("main math")) {
    const next = math.nextSibling;
    if (!next || next.nodeType !== Node.TEXT_NODE || !marks.test(next.data)) continue;
    const range = document.createRange();
    range.setStart(next, 0);
    range.setEnd(next, 1);
    const mark = range.getBoundingClientRect(), drawn = math.getBoundingClientRect();
    if (!mark.width) continue;
    out.marks += 1;
    if (mark.left < drawn.right - 1 || mark.top > drawn.bottom || mark.bottom < drawn.top) out.parted.push(math.parentNode.textContent);
  }
  return out;
}"""


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [360, 400, 430])
def test_on_a_telephone_no_formula_is_cut_and_no_line_begins_with_a_mark(opened, width, lang):
    page = opened("conv2d", {"input": "3x3", "kernel": "2x2"}, viewport={"width": width, "height": 800}, lang=lang)
    found = page.evaluate(BROKEN)
    assert found["aside"] == [] and found["parted"] == []
    assert found["marks"] > 60
    assert page.evaluate("document.documentElement.scrollWidth") == width


CUT = """() => {
  for (const sheet of document.styleSheets) for (const rule of sheet.cssRules) if (rule.style && rule.style.contentVisibility) rule.style.contentVisibility = "visible";
  const right = (node) => node.getBoundingClientRect().right, out = [];
  for (const section of document.querySelectorAll("[data-section]")) {
    const most = right(section) + 1;
    const scrolls = (node) => node !== section && (/auto|scroll/.test(getComputedStyle(node).overflowX) && right(node) <= most || scrolls(node.parentElement));
    for (const node of section.querySelectorAll("*")) if (right(node) > most && !scrolls(node)) out.push([section.dataset.section, node.tagName, right(node) - most]);
  }
  return out;
}"""


@pytest.mark.parametrize(("name", "options"), [
    ("conv2d", {"input": "8x8", "kernel": "3x3", "padding": 1}), ("conv2d", {"input": "5x12", "kernel": "2x2"}),
    ("conv2d", {"input": "6x6", "kernel": "3x3", "channels": 2, "filters": 2}), ("conv1d", {"input": 30, "kernel": 4}),
    ("max_pool2d", {"input": "9x9", "kernel": 2}), ("conv2d", {"input": "224x224", "kernel": "5x5"}),
])
def test_on_a_telephone_no_section_cuts_off_what_is_in_it(opened, name, options):
    page = opened(name, options, viewport={"width": 390, "height": 800})
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("options", [{"input": "6x6", "kernel": "3x3", "padding": 1}, {"input": "5x5", "kernel": "3x3", "stride": 2}])
def test_a_long_formula_in_a_sentence_does_not_widen_the_page(opened, options):
    page = opened("conv2d", options, viewport={"width": 400, "height": 800})
    page.evaluate(BROKEN)
    assert page.evaluate("document.documentElement.scrollWidth") == 400


def test_the_parts_of_a_broken_formula_stand_in_a_row_where_there_is_room(opened):
    page = opened("conv2d", {"input": "3x3", "kernel": "2x2"}, viewport={"width": 1280, "height": 800})
    page.evaluate(BROKEN)
    rows = page.evaluate("""() => Array.from(document.querySelectorAll(".derivation .right, .derivation .display"), (row) =>
      Array.from(row.querySelectorAll("math"), (math) => { const b = math.getBoundingClientRect(); return [b.left, (b.top + b.bottom) / 2, b.right]; }))""")
    assert sum(len(row) > 1 for row in rows) > 15
    for row in rows:
        for (_, _, right), (left, _, _) in itertools.pairwise(row):
            assert -1 < left - right < 12
