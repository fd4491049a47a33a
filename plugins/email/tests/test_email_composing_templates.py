"""Templates of the user's own: what they may do, what they cannot reach, and how their mistakes are told."""

from pathlib import Path
from typing import Any

import pytest
from hub_email.composing import MARKER, AcknowledgementLetter, TemplateBroken, Templates, UpdateLetter, check
from hub_email.composing.checking import samples
from hub_email.composing.letter import LANGUAGES
from hub_email.composing.rendering import NAMES
from hub_email.composing.view import view_of

LETTER = AcknowledgementLetter(language="en", recipient="Li", key="REQ-1", title="A <b>", team="T", status="new")
PAGE = '{{% extends "frame.en.{}" %}}\n{{% block body %}}\n{}\n{{% endblock %}}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def put(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(PAGE.format(name.rpartition(".")[2], body), encoding="utf-8")


def render(folder: Path, name: str = "acknowledgement.en.txt") -> str:
    return Templates(folder).render(name, view_of(LETTER))


def test_a_single_file_takes_the_place_of_a_built_in_one(folder: Path) -> None:
    put(folder, "acknowledgement.en.txt", "We got {{ key }}, {{ title }}.")
    assert "We got REQ-1, A <b>." in render(folder)
    assert "Thank you" in render(folder, "acknowledgement.en.html")
    assert check(folder) == ()


def test_a_frame_can_be_changed_alone(folder: Path) -> None:
    frame = "<body>{{ marker }}<h1>ACME</h1>{% block body %}{% endblock %}</body>"
    (folder / "frame.en.html").write_text(frame, encoding="utf-8-sig")
    assert "<h1>ACME</h1>" in render(folder, "acknowledgement.en.html")
    assert check(folder) == ()


def test_html_of_a_user_is_escaped_too(folder: Path) -> None:
    put(folder, "acknowledgement.en.html", "<i>{{ title }}</i>")
    assert "<i>A &lt;b&gt;</i>" in render(folder, "acknowledgement.en.html")


@pytest.mark.parametrize(
    "body",
    ["{{ title|safe }}", "{% autoescape false %}{{ title }}{% endautoescape %}", "{{ [1, 2]|random }}",
     "{{ title.__class__ }}", "{{ title.__class__.__mro__[1].__subclasses__() }}", "{{ self.__init__ }}",
     "{{ signature.append }}", "{{ signature }}", "{{ letter }}", "{{ view }}", "{{ config }}", "{{ self._environment }}",
     "{{ ''|attr('__class__') }}", "{{ lipsum.__globals__ }}", "{{ cycler }}", "{{ range(9) }}", "{{ secret }}",
     "{{ '{0.__class__}'.format(title) }}", "{{ signature.append('x') }}", "{% include '/etc/passwd' %}",
     "{% include '../frame.en.html' %}", "{% import 'os' as os %}{{ os }}", "{{ signature|pprint }}",
     "{{ (title|escape).__html__.__globals__ }}", "{% set x = signature.clear() %}"],
)  # fmt: skip
@pytest.mark.parametrize("suffix", ["txt", "html"])
def test_nothing_but_the_letter_can_be_reached(folder: Path, body: str, suffix: str) -> None:
    put(folder, f"acknowledgement.en.{suffix}", body)
    with pytest.raises(TemplateBroken, match=r"^acknowledgement\.en\.\w+(, line 3)?: "):
        render(folder, f"acknowledgement.en.{suffix}")
    assert check(folder)


def plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and plain(each) for key, each in value.items())
    if isinstance(value, list):
        return all(plain(each) for each in value)
    return isinstance(value, str | bool)


def test_templates_see_plain_values_only() -> None:
    for letter in (each for language in LANGUAGES for each in samples(language)):
        assert plain(view_of(letter))


def test_a_mistake_is_told_with_its_file_line_and_fix(folder: Path) -> None:
    put(folder, "acknowledgement.en.txt", "{{ titel }}")
    with pytest.raises(TemplateBroken) as caught:
        render(folder)
    problem = caught.value
    assert (problem.file, problem.line, problem.fix) == ("acknowledgement.en.txt", 3, "write title")
    assert str(problem) == "acknowledgement.en.txt, line 3: 'titel' is undefined\n  Next: write title"


def test_all_mistakes_are_found_at_once(folder: Path) -> None:
    put(folder, "acknowledgement.en.txt", "{% if due %}\n{% if nonsense_here %}x{% endif %}\n{% endif %}\n{{ titel }}")
    put(folder, "update.zh-CN.html", "{% for change in changes %}{{ change.label")
    put(folder, "opening.en.html", "{{ title|shout }}")
    put(folder, "comment.en.txt", "{{ body + 1 }}")
    (folder / "frame.zh-CN.txt").write_text("{{ team }}{% block body %}{% endblock %}", encoding="utf-8")
    (folder / "comment.en.html").write_bytes("{{ marker }}\n\n你好".encode("gb18030"))
    (folder / "updates.en.html").write_text("", encoding="utf-8")
    (folder / "notes.md").write_text("not a template", encoding="utf-8")
    found = {(each.file, each.line): each for each in check(folder)}
    assert set(found) == {
        ("acknowledgement.en.txt", 4), ("acknowledgement.en.txt", 6), ("update.zh-CN.html", 4),
        ("opening.en.html", 3), ("comment.en.txt", 3), ("comment.en.html", 3), ("updates.en.html", 0),
        ("frame.zh-CN.txt", 0),
    }  # fmt: skip
    assert found["updates.en.html", 0].fix == "call it update.en.html"
    assert found["comment.en.html", 3].fix == "save the file as UTF-8"
    assert "marker" in found["frame.zh-CN.txt", 0].fix
    assert "use only: " in found["acknowledgement.en.txt", 4].fix
    assert not [each for each in found.values() if "notes" in each.file]
    assert len(found) == len(check(folder))


def test_a_frame_may_not_use_what_only_one_letter_has(folder: Path) -> None:
    (folder / "frame.en.txt").write_text(
        "{{ marker }}\n{% if changes %}!{% endif %}{% block body %}{% endblock %}", encoding="utf-8"
    )
    assert ("frame.en.txt", 2) in {(each.file, each.line) for each in check(folder)}


@pytest.mark.parametrize("frame", ["<p>First</p>{{ marker }}", "<p>no marker</p>", "x"])
def test_a_mail_without_the_marker_in_front_is_refused(folder: Path, frame: str) -> None:
    (folder / "frame.en.html").write_text(frame + "{% block body %}{% endblock %}", encoding="utf-8")
    with pytest.raises(TemplateBroken, match="marker"):
        render(folder, "acknowledgement.en.html")


def test_a_file_of_a_wrong_name_is_refused_at_once(folder: Path) -> None:
    (folder / "acknowledgment.en.txt").write_text("x", encoding="utf-8")
    with pytest.raises(TemplateBroken, match=r"call it acknowledgement\.en\.txt"):
        Templates(folder)


def test_a_missing_folder_is_said_to_be_missing(folder: Path) -> None:
    assert [each.line for each in check(folder / "none")] == [0]
    with pytest.raises(TemplateBroken, match="there is no folder"):
        Templates(folder / "none")


def test_what_comes_with_the_hub_has_no_mistakes(folder: Path) -> None:
    assert len(NAMES) == 20
    texts = {name: Templates()._texts[name] for name in NAMES}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    assert check(folder) == ()


def test_a_letter_without_changes_still_has_its_frame() -> None:
    letter = UpdateLetter(language="en", recipient="", key="K-1", title="T", team="T", changes=())
    assert Templates().render("update.en.txt", view_of(letter)).startswith(MARKER)
