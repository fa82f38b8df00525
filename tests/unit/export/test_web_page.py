"""The page stands alone: read as a browser does, it asks nobody for anything."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest

from studio.export.set_files import SetFile, write_set
from studio.export.set_settings import PageSettings
from studio.export.stills import StillSettings
from studio.export.web_page import PageWords, page_files
from studio.files.images import decode_picture
from studio.opener.recipe_reader import read_recipe_text
from tests.fakes.galleries import CARD, recipe_of
from tests.fakes.set_pictures import set_picture, set_pictures

PNG = StillSettings(format="png")


class _Page(HTMLParser):
    """Collects what a page holds."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(content.decode())
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in ("meta", "img"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open[-1]] = self.texts.get(self._open[-1], "") + data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.elements if name == tag]


def test_one_file_holds_its_pictures_and_names_no_address() -> None:
    (file,) = page_files(
        set_pictures(3), PageSettings(title="Hills", size=16), stem="hills", still=PNG
    )
    page = _Page(file.content)
    assert file.name == "hills.html"
    assert page.texts["h1"] == page.texts["title"] == "Hills"
    for number, image in enumerate(page.all("img")):
        content = base64.b64decode(image["src"].removeprefix("data:image/png;base64,"))
        assert (decode_picture(content) == set_picture(number).picture).all()
        assert image["alt"] == f"Seed {number}, a picture made with the generator “Hills”"
    addresses = [
        attrs[key] for _, attrs in page.elements for key in ("src", "href") if key in attrs
    ]
    assert all(one.startswith(("#", "data:image/")) for one in addresses)
    words = re.sub(rb"data:image/png;base64,[^\"]*", b"", file.content)
    assert len(words) < len(file.content)
    assert not re.search(rb"https?:|//[a-z]|@import|url\(", words)


def test_the_policy_allows_only_its_own_style_and_script() -> None:
    (file,) = page_files(set_pictures(1), PageSettings(), stem="p")
    page = _Page(file.content)
    policy = next(meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none'; ")
    for part in ("style", "script"):
        digest = hashlib.sha256(page.texts[part].encode()).digest()
        assert f"{part}-src 'sha256-{base64.b64encode(digest).decode()}'" in policy


def test_every_picture_leads_to_its_neighbours_and_back() -> None:
    (file,) = page_files(set_pictures(3), PageSettings(), stem="p")
    page = _Page(file.content)
    steps = [(link["rel"], link["href"]) for link in page.all("a") if "rel" in link]
    assert steps == [
        ("next", "#p2"), ("up", "#g1"), ("prev", "#p1"), ("next", "#p3"), ("up", "#g2"),
        ("prev", "#p2"), ("up", "#g3"),
    ]  # fmt: skip
    ids = {attrs["id"] for _, attrs in page.elements if "id" in attrs}
    assert {href[1:] for _, href in steps} <= ids
    assert all(link["aria-label"] for link in page.all("a") if "rel" in link)


def test_facts_of_the_recipe_only_where_they_are_wished() -> None:
    (told,) = page_files(set_pictures(1), PageSettings(size=16), stem="p", still=PNG)
    assert "Truncation: 0.7" in _Page(told.content).texts["dd"]
    bare = msgspec.structs.replace(PNG, with_recipe=False)
    (silent,) = page_files(set_pictures(1), PageSettings(size=16), stem="p", still=bare)
    page = _Page(silent.content)
    assert page.texts["dd"] == "Hills" + CARD.credit
    assert CARD.credit in page.texts["p"]
    source = page.all("img")[0]["src"].partition(",")[2]
    assert read_recipe_text(base64.b64decode(source)).recipe is None


def test_a_folder_holds_the_pictures_under_names_for_people(tmp_path: Path) -> None:
    pictures = [set_picture(0, name="晨雾 50%"), set_picture(1, name='<b>"x"</b>')]
    choice = PageSettings(form="folder", size=16)

    def build(stem: str) -> tuple[SetFile, ...]:
        return page_files(pictures, choice, stem=stem, still=PNG, words=PageWords(language="zh-CN"))

    paths = write_set(tmp_path, "page", build=build)
    assert [path.name for path in paths] == ["晨雾 50%.png", "b x b.png", "index.html"]
    page = _Page(paths[-1].read_bytes())
    assert page.all("html")[0]["lang"] == "zh-CN"
    for image, path in zip(page.all("img"), paths, strict=False):
        assert tmp_path / "page" / unquote(image["src"]) == path
        found = read_recipe_text(path.read_bytes()).recipe
        assert found is not None
    assert '<b>"x"</b>' in page.texts["figcaption"]
    assert not page.all("b")
    assert write_set(tmp_path, "page", build=build)[-1].parent.name == "page-2"


@pytest.mark.parametrize("kind", ["webp", "jpeg", "avif"])
def test_the_pictures_format_is_said(kind: str) -> None:
    still = StillSettings(format=kind)  # type: ignore[arg-type]
    (file,) = page_files(set_pictures(1), PageSettings(), stem="p", still=still)
    assert _Page(file.content).all("img")[0]["src"].startswith(f"data:image/{kind};")
    assert recipe_of(0).model.encode() not in file.content.split(b"<main")[0]
