"""What is wrong with a manifest is found with its line, and what the two apps must share is held together."""

from pathlib import Path

import pytest

from pkg.fly import lints, manifest, mirror

ROOT = Path(__file__).parents[3]
GOOD = """app = "a"
primary_region = "syd"
[deploy]
strategy = "rolling"
[http_service]
internal_port = 8080
[[http_service.checks]]
path = "/status"
[[http_service.checks]]
path = "/ready"
"""


def findings(text: str) -> list[lints.Finding]:
    return lints.check(manifest.parse(text, ROOT / "x" / "fly.toml"), ROOT)


def test_a_good_manifest_has_no_finding() -> None:
    assert findings(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "line", "grave"),
    [
        ('primary_region = "syd"\n', "", "region", 1, True),
        ("http_service.checks", "http_service.machine_checks", "checks", 1, True),
        ("rolling", "immediate", "strategy", 4, True),
        ('strategy = "rolling"\n', "", "strategy", 3, False),
        ("/ready", "/up", "probes", 5, False),
        ("internal_port = 8080", 'internal_port = 8080\nprocesses = ["web"]', "groups", 0, True),
        ('app = "a"\n', 'app = "a"\nauto_rollback = true\n', "dead", 2, False),
        ('app = "a"\n', 'app = "a"\nfoo = 1\n', "unknown", 2, False),
        ("[deploy]\n", '[deploy]\nreleese_command = "x"\n', "unknown", 4, False),
        ('path = "/ready"', 'path = "/ready"\nintervall = "5s"', "unknown", 11, False),
        ("internal_port = 8080", "internal_port = 8080\nconcurrency = {}\nprt = 1", "unknown", 8, False),
    ],
)
def test_each_rule_names_its_line(old: str, new: str, rule: str, line: int, grave: bool) -> None:
    (found,) = findings(GOOD.replace(old, new))
    assert (found.rule, found.line, found.grave) == (rule, line, grave)
    assert str(found).startswith("x/fly.toml:" if line else "x/fly.toml")
    assert found.fix


def test_an_unknown_key_is_told_with_the_one_that_was_meant() -> None:
    found = findings(GOOD.replace("strategy =", "stratgy ="))
    assert [str(each) for each in found if each.rule == "unknown"] == [
        "x/fly.toml:4: flyctl knows no key deploy.stratgy, and ignores it; write strategy"
    ]


def test_a_dead_key_below_a_table_is_found() -> None:
    (found,) = findings(GOOD + "[experimental]\nauto_rollback = true\n")
    assert found.rule == "dead"
    assert found.line == 12


@pytest.mark.parametrize(
    ("source", "destination", "what"),
    [("Data", "/data", "no volume name"), ("data", "data", "no place"), ("data", "/", "no place")],
)
def test_a_mount_must_be_possible(source: str, destination: str, what: str) -> None:
    text = f'{GOOD}[[mounts]]\nsource = "{source}"\ndestination = "{destination}"\n'
    (found,) = findings(text)
    assert what in found.what
    assert found.grave


@pytest.mark.parametrize("strategy", ["canary", "bluegreen"])
def test_volumes_allow_no_canary_and_no_bluegreen(strategy: str) -> None:
    text = GOOD.replace("rolling", strategy) + '[[mounts]]\nsource = "data"\ndestination = "/data"\n'
    (found,) = findings(text)
    assert "volumes" in found.what


def test_grave_findings_come_first() -> None:
    found = findings(GOOD.replace("/ready", "/up").replace('primary_region = "syd"\n', ""))
    assert [finding.grave for finding in found] == [True, False]


def pair(change: str = "", to: str = "") -> tuple[manifest.Manifest, manifest.Manifest]:
    core = (ROOT / "core" / "fly.toml").read_text().replace(change, to) if change else ""
    return (
        manifest.read(ROOT / "fly.toml"),
        manifest.parse(core or (ROOT / "core" / "fly.toml").read_text(), ROOT / "core" / "fly.toml"),
    )


def test_the_repos_own_manifests_mirror_each_other() -> None:
    assert mirror.differences(*pair(), ROOT) == []


@pytest.mark.parametrize(
    ("change", "to", "key"),
    [
        ('"syd"', '"iad"', "primary_region"),
        ('"rolling"', '"immediate"', "deploy.strategy"),
        ('"/ready"', '"/up"', "http_service.checks.1.path"),
        ('PORT = "8080"', 'PORT = "80"', "env.PORT"),
        ('memory = "256mb"', 'memory = "1gb"', "vm.0.memory"),
        ('kill_timeout = "5s"', 'kill_timeout = "9s"', "kill_timeout"),
    ],
)
def test_a_difference_is_named_with_key_and_line_and_copied_back(change: str, to: str, key: str) -> None:
    root_manifest, core = pair(change, to)
    (found,) = mirror.differences(root_manifest, core, ROOT)
    assert found.what.startswith(f"{key} is ")
    assert found.line == manifest.lines(core.text)[key]
    assert found.grave
    synced = mirror.synced(root_manifest, core)
    assert synced == (ROOT / "core" / "fly.toml").read_text()


def test_a_key_that_core_lacks_is_copied() -> None:
    root_manifest, core = pair('kill_timeout = "5s"      # mirrored\n', "")
    (found,) = mirror.differences(root_manifest, core, ROOT)
    assert "missing" in found.what
    again = manifest.parse(mirror.synced(root_manifest, core), core.path)
    assert mirror.differences(root_manifest, again, ROOT) == []


def test_checks_of_another_number_are_copied_as_a_whole() -> None:
    root_manifest, core = pair()
    text = core.text + '\n[[http_service.checks]]\npath = "/third"\n'
    changed = manifest.parse(text, core.path)
    assert mirror.differing(root_manifest, changed) == ["http_service.checks"]
    again = manifest.parse(mirror.synced(root_manifest, changed), core.path)
    assert mirror.differing(root_manifest, again) == []


def test_what_only_core_has_is_its_own() -> None:
    assert "mounts" not in mirror.MIRRORED
    assert "app" not in mirror.MIRRORED


def test_a_manifest_that_is_gone_from_its_folder_is_missed(tmp_path: Path) -> None:
    assert mirror.all_findings([], tmp_path) == []
    (tmp_path / "core" / "fly.toml").mkdir(parents=True)
    (found,) = mirror.all_findings([], tmp_path)
    assert str(found) == "core/fly.toml: there is no such manifest; `git checkout core/fly.toml`"


def test_all_findings_hold_each_manifest_and_both_together() -> None:
    root_manifest, core = pair('"/ready"', '"/up"')
    rules = {finding.rule for finding in mirror.all_findings([root_manifest, core], ROOT)}
    assert rules == {"probes", "mirror"}
