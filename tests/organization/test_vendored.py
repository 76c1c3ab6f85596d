"""The scripts of others that we serve are those that their makers published, and their licences stand beside them."""

import hashlib
import re
from pathlib import Path

D3 = Path(__file__).parents[2] / "organization" / "static" / "organization" / "d3"


def sums() -> dict[str, str]:
    lines = (D3 / "SHA256SUMS").read_text().splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def test_every_file_is_what_its_checksum_says() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in D3.glob("*.js")}
    assert found == sums()
    assert len(found) == 10


def test_the_readme_names_the_version_of_each() -> None:
    named = dict(re.findall(r"^\| `([\w-]+\.min\.js)` \| ([\d.]+) \|", (D3 / "README.md").read_text(), re.MULTILINE))
    heads = {path.name: path.read_text()[:100] for path in D3.glob("*.js")}
    said = {name: found[1] for name, head in heads.items() if (found := re.search(r" v([\d.]+) Copyright", head))}
    assert named == said
    assert named.keys() == sums().keys()


def test_the_licences_stand_beside_them() -> None:
    assert "Permission to use, copy, modify, and/or distribute" in (D3 / "LICENSE").read_text()
    assert "Robert Penner" in (D3 / "LICENSE-d3-ease").read_text()


def test_none_of_them_needs_what_the_policy_forbids() -> None:
    for path in D3.glob("*.js"):
        assert not re.search(r"\beval\(|new Function|//# sourceMappingURL", path.read_text()), path.name
