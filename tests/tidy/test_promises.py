"""What the tree promises its readers: tables of contents that are true, docs that are current, errors that are used."""

from __future__ import annotations

import ast
import gc
import importlib
import re
from functools import cache
from pathlib import Path

import pytest

import fogline
from fogline import reference
from fogline.gateway.models import load_service, snake_case
from fogline.ports.service import Service

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "fogline"
SERVICES = reference.services()


def parse(file: Path) -> ast.Module:
    # A collection in the middle of ast.parse makes CPython 3.11 lose count of its recursion.
    gc.disable()
    try:
        return ast.parse(file.read_text())
    finally:
        gc.enable()


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_every_operation_in_a_table_of_contents_is_in_the_model_and_in_its_file(
    service: Service,
) -> None:
    known = {snake_case(name) for name in load_service(service.name).operations}
    for file, functions in service.operations.items():
        module = importlib.import_module(f"{service.package}.operations.{file}")
        for function in functions:
            assert function in known, f"{service.name} has no operation {function}"
            assert callable(getattr(module, function, None)), f"{file} lacks {function}"


@cache
def words_of_tests() -> set[str]:
    return {
        word
        for folder in (
            ROOT / "tests" / "services",
            ROOT / "tests" / "cli",
            ROOT / "tests" / "scenarios",
        )
        if folder.is_dir()
        for file in folder.rglob("*.py")
        for word in re.findall(r"\w+", file.read_text())
    }


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_every_operation_has_a_test(service: Service) -> None:
    tested = words_of_tests()
    operations = {name for names in service.operations.values() for name in names}
    camel = {snake_case(name): name for name in load_service(service.name).operations}
    untested = [
        name for name in sorted(operations) if name not in tested and camel[name] not in tested
    ]
    assert untested == []


@pytest.mark.parametrize("page", reference.PAGES)
def test_generated_pages_are_current(page: str) -> None:
    made = reference.PAGES[page]()
    assert (ROOT / "docs" / page).read_text() == made, "run: python -m fogline.reference"


def test_the_changelog_knows_the_version() -> None:
    assert f"## [{fogline.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("file", sources(), ids=lambda file: str(file.relative_to(SOURCE)))
def test_every_module_opens_with_a_sentence(file: Path) -> None:
    docstring = ast.get_docstring(parse(file))
    assert docstring
    assert (
        docstring.split("\n")[0].rstrip().endswith((".", "?", ":", ";", ",")) or "\n" in docstring
    )


def test_file_names_say_what_is_inside() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "core", "manager", "base", "misc"}
    assert [file for file in sources() if file.stem in drawers] == []


def test_links_between_documents_lead_somewhere() -> None:
    for page in [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").rglob("*.md"),
    ]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_the_longest_files_and_functions_are_for_a_person_to_look_at(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = sorted(((len(file.read_text().splitlines()), file) for file in sources()), reverse=True)
    functions = sorted(
        (
            (node.end_lineno - node.lineno + 1, f"{file.relative_to(SOURCE)}:{node.name}")
            for file in sources()
            for node in ast.walk(parse(file))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
        ),
        reverse=True,
    )
    with capsys.disabled():
        print("\nThe longest files:")
        for lines, file in files[:10]:
            print(f"  {lines:5} {file.relative_to(SOURCE)}")
        print("The longest functions:")
        for lines, name in functions[:10]:
            print(f"  {lines:5} {name}")
    assert files[0][0] < 1_200
