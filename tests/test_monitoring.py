"""The dashboard and the alert rules name figures that exist, and each rule rings when it should."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from config import Settings
from widget import create_app
from widget.watching import VERSION

ROOT = Path(__file__).parents[1]
MONITORING = ROOT / "monitoring"
NAME = re.compile(r"support_now_[a-z_]+")
WATCHING = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every name at /metrics, after a request of each kind that adds one."""
    settings = Settings.from_env({"DATA_DIR": str(tmp_path_factory.mktemp("var"))})
    app: Flask = create_app(settings)
    app.extensions["support_now"].ledger.close()
    from widget.serving import migrate

    migrate(settings)
    client = app.test_client()
    client.get("/p/nothing")
    text = client.get("/metrics").get_data(as_text=True)
    return {found for line in text.splitlines() if line[0] != "#" for found in NAME.findall(line)}


def expressions() -> Iterator[str]:
    """Every expression of the dashboard, of what it asks for its choices, and of the rules."""
    dashboard: dict[str, Any] = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel.get("targets", []))
    yield from (one["query"]["query"] for one in dashboard["templating"]["list"] if one["type"] == "query")
    yield from (rule["expr"] for rule in rules())


def rules() -> list[dict[str, Any]]:
    found = yaml.safe_load((MONITORING / "alerts.yaml").read_text(encoding="utf-8"))
    return [rule for group in found["groups"] for rule in group["rules"]]


def documented(heading: str) -> set[str]:
    """Return the first cells of a table in docs/watching.md."""
    lines = iter(WATCHING.splitlines())
    for line in lines:
        if line.startswith(f"| {heading} |"):
            break
    next(lines)
    cells = set()
    for line in lines:
        if not line.startswith("|"):
            break
        cells.add(line.split("|")[1].strip().strip("`"))
    return cells


def plain(name: str) -> str:
    """Return the name of a figure without what a histogram appends."""
    return re.sub(r"_(bucket|sum|count)$", "", name)


def test_every_name_in_dashboard_and_rules_is_exported(exported: set[str]) -> None:
    named = {name for expression in expressions() for name in NAME.findall(expression)}
    assert len(named) > 20
    assert named <= exported


def test_every_figure_is_documented_and_shown(exported: set[str]) -> None:
    figures = {plain(name) for name in exported}
    assert documented("figure") == figures
    assert {plain(name) for expression in expressions() for name in NAME.findall(expression)} == figures


def test_every_rule_names_its_promise_and_what_to_do() -> None:
    for rule in rules():
        assert set(rule["labels"]) == {"severity", "promise"}, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "warn"}
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"]
    assert {rule["labels"]["promise"] for rule in rules()} == documented("promise")


def test_every_rule_is_tried() -> None:
    tried = yaml.safe_load((MONITORING / "alerts-tried.yaml").read_text(encoding="utf-8"))
    rung = {
        found
        for test in tried["tests"]
        for asked in test["promql_expr_test"]
        for sample in asked["exp_samples"]
        for found in re.findall(r'alertname="(\w+)"', sample.get("labels", ""))
    }
    assert rung == {rule["alert"] for rule in rules()}


@pytest.mark.services
@pytest.mark.parametrize(
    "command",
    [
        ["check", "rules", "alerts.yaml"],
        ["check", "config", "prometheus.yaml"],
        ["test", "rules", "alerts-tried.yaml"],
    ],
    ids=" ".join,
)
def test_prometheus_takes_them(command: list[str]) -> None:
    done = subprocess.run(
        ["promtool", *command], cwd=MONITORING, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_version_told_is_the_one_built() -> None:
    built = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert built
    assert built[1] == VERSION
