"""compose.yaml, the image and nginx's files, read: what they name exists, and they agree with each other."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import config
from tests.clean_root import Build, context, instructions
from tests.compose_stack import SBIN, as_nginx, composed, image, write_nginx
from widget import i18n, uploading
from widget.web.console.imports import FORM_AROUND

pytestmark = pytest.mark.lasting

ROOT = Path(__file__).parents[1]
SERVICES: dict[str, Any] = composed()["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]
BINARIES = Path(sys.executable).parent


def run(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    path = f"{BINARIES}:{os.environ['PATH']}:{SBIN}"
    return subprocess.run(
        words, cwd=cwd, env={"PATH": path}, capture_output=True, text=True, check=False, timeout=60
    )


# The file itself


def test_it_is_what_the_compose_specification_says() -> None:
    done = run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")
    assert done.returncode == 0, done.stdout


def test_a_slip_would_be_seen(tmp_path: Path) -> None:
    slip = (ROOT / "compose.yaml").read_text().replace("depends_on:", "depend_on:", 1)
    (tmp_path / "compose.yaml").write_text(slip)
    done = run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(tmp_path / "compose.yaml"))
    assert done.returncode == 1


def test_every_volume_network_and_service_that_is_named_exists() -> None:
    whole = composed()
    for name, service in SERVICES.items():
        mounted = [one.split(":")[0] for one in service.get("volumes", [])]
        assert {one for one in mounted if not one.startswith("./")} <= set(whole["volumes"]), name
        assert all((ROOT / one).exists() for one in mounted if one.startswith("./")), name
        assert set(service.get("networks", [])) <= set(whole["networks"]), name
        assert set(service.get("depends_on", {})) <= set(SERVICES), name


def test_who_is_waited_for_to_be_healthy_can_be_asked() -> None:
    for service in SERVICES.values():
        for name, wanted in service.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                asked = SERVICES[name].get("healthcheck", {"test": "the image's"})
                assert "test" in asked, name
            else:
                assert SERVICES[name]["restart"] == "no", name


def test_all_of_it_starts_by_itself() -> None:
    """No profile, no secret from outside, no setting without a default."""
    text = (ROOT / "compose.yaml").read_text()
    assert not any("profiles" in service for service in SERVICES.values())
    assert "secrets" not in composed()
    assert [found for found in re.findall(r"\$\{(\w+)([^}]*)", text) if "-" not in found[1]] == []


def test_files_that_are_sent_in_at_once_have_room() -> None:
    """What a form brings is put down in /tmp until it is kept: nginx has room for four of the largest."""
    [room] = re.findall(r"/tmp:size=(\d+)m", " ".join(SERVICES["web"]["tmpfs"]))
    assert int(room) * 2**20 >= 5 * (uploading.SIZE_AT_MOST + FORM_AROUND)


def test_web_can_be_scaled() -> None:
    """A port or a name of its own would be taken by the first."""
    for name in ("web", "worker"):
        assert not {"ports", "container_name", "hostname"} & set(SERVICES[name])


@pytest.mark.parametrize("name", ["web", "worker"])
def test_the_settings_are_taken_by_the_service(name: str, tmp_path: Path) -> None:
    """config.py reads them as they stand, with the secrets that make-secrets makes."""
    assert run("scripts/make-secrets", str(tmp_path)).returncode == 0
    given = {
        key: value.replace("/run/secrets", str(tmp_path))
        for key, value in (image()[0] | SERVICES[name]["environment"]).items()
    }
    settings = config.Settings.from_env(given)
    assert (settings.environment, settings.mail_worker) == ("production", "apart")
    assert settings.database_url.endswith("@postgres:5432/support_now")
    assert (settings.redis_url, settings.protection.trusted_proxies.hops) == ("redis://redis:6379/0", 1)
    assert (settings.host, settings.public_url) == ("0.0.0.0", "http://localhost:8000")


def test_a_database_of_ones_own_takes_the_place_of_the_secret() -> None:
    given = composed(DATABASE_URL_FILE="")["services"]["web"]["environment"]
    assert given["DATABASE_URL_FILE"] == ""
    own = "postgresql://u@db.example.org/d"
    made = given | image()[0] | {"SECRET_KEY_FILE": "", "SECRET_KEY": "k7Q2mZ9xT4vB1nR8sW5yL3pD6fH0jGcA"}
    settings = config.Settings.from_env(made | {"DATABASE_URL": own})
    assert settings.database_url == own.replace("postgresql", "postgresql+psycopg")


@pytest.mark.parametrize("name", OURS)
def test_what_a_service_runs_is_in_the_image(name: str) -> None:
    command = SERVICES[name].get("command", image()[1])
    if command[0] == "flask":
        assert run("flask", *command[1:], "--help").returncode == 0
    else:
        mounted = dict(one.split(":")[1::-1] for one in SERVICES[name]["volumes"])
        assert os.access(ROOT / mounted[command[0]], os.X_OK)


def test_secrets_are_read_where_they_are_made() -> None:
    made = {one.split(":")[1] for one in SERVICES["secrets"]["volumes"] if one.startswith("secrets:")}
    assert made == {SERVICES["secrets"]["command"][1]}
    for name in ("web", "worker", "postgres"):
        assert "secrets:/run/secrets:ro" in SERVICES[name]["volumes"]
        assert SERVICES[name]["depends_on"].get("secrets") or "web" in SERVICES[name]["depends_on"]
        files = {v for k, v in SERVICES[name]["environment"].items() if k.endswith("_FILE")}
        assert {file.rpartition("/")[0] for file in files} == made


@pytest.mark.parametrize("name", SERVICES)
def test_nobody_has_more_rights_than_needed(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    if name != "postgres":  # it writes the ledger
        assert service["read_only"]
    if service["restart"] != "no":
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}


def test_stores_are_reached_by_nobody_else() -> None:
    assert composed()["networks"]["stores"]["internal"]
    for name in ("postgres", "redis"):
        assert SERVICES[name]["networks"] == ["stores"]
        assert "ports" not in SERVICES[name]
    assert SERVICES["nginx"]["networks"] == ["front"]


def test_graceful_ends_fit_into_the_grace_periods() -> None:
    graceful = int(re.findall(r"^graceful_timeout = (\d+)", (ROOT / "gunicorn.conf.py").read_text(), re.M)[0])
    assert graceful < int(SERVICES["web"]["stop_grace_period"].removesuffix("s"))


# Secrets


def test_secrets_are_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert run("scripts/make-secrets", str(folder)).returncode == 0
    made = {file.name: file.read_text() for file in folder.iterdir()}
    assert set(made) == {"secret_key", "postgres_password", "database_url"}
    assert made["postgres_password"] in made["database_url"]
    assert len(made["secret_key"]) == 64
    assert made["secret_key"] != made["postgres_password"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert run("scripts/make-secrets", str(folder)).returncode == 0
    assert {file.name: file.read_text() for file in folder.iterdir()} == made


def test_a_first_start_that_broke_off_is_finished_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    (tmp_path / ".draft").write_text("half")
    assert run("scripts/make-secrets", str(tmp_path)).returncode == 0
    assert len((tmp_path / "secret_key").read_text()) == 64
    assert not (tmp_path / ".draft").exists()


# The image


def test_only_what_runs_goes_into_the_image() -> None:
    files = {str(file) for file in context()}
    assert {"server.py", "requirements.txt", "widget/__init__.py", "static/embed.js"} <= files
    assert {file.split("/")[0] for file in files if "/" in file} == {"widget", "static", "migrations"}
    assert not {file for file in files if "__pycache__" in file or file.startswith(".")}


def test_every_instruction_can_be_tried() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert [name for name, _ in instructions(text) if not hasattr(Build, f"_{name.lower()}")] == []


# nginx


@pytest.mark.services
def test_nginx_takes_its_files(tmp_path: Path) -> None:
    assert shutil.which("nginx", path=f"{os.environ['PATH']}:{SBIN}")
    (tmp_path / "run").mkdir()
    write_nginx(tmp_path / "nginx", 8080, [8000, 8001])
    words = ["nginx", "-p", f"{tmp_path}/run/", "-c", str(tmp_path / "nginx/nginx.conf"), "-g", "daemon off;"]
    done = run(*as_nginx(words), "-t", "-e", "stderr")
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


def test_nginx_leads_to_web_and_is_reached_where_it_listens() -> None:
    place = (ROOT / "ops/nginx/place.conf").read_text()
    assert f"server web:{SERVICES['web']['environment']['PORT']} resolve" in place
    assert SERVICES["nginx"]["ports"] == ["127.0.0.1:8000:8080"]
    assert re.findall(r"listen (\d+)", place) == ["8080"]
    assert "127.0.0.1:8080/" in SERVICES["nginx"]["healthcheck"]["test"][-1]


def test_nginx_lets_in_no_more_than_twice_what_the_service_takes() -> None:
    from widget.web.edge import BODY_LIMIT

    text = (ROOT / "ops/nginx/nginx.conf").read_text()
    assert re.findall(r"client_max_body_size (\d+)k", text) == [str(2 * BODY_LIMIT // 1024)]


def test_what_nginx_says_itself_stands_in_the_catalogues() -> None:
    away = (ROOT / "ops/nginx/away.html").read_text()
    spoken = re.findall(r'<p lang="(\S+)" dir="(\S+)">(.*)</p>', away)
    assert {lang for lang, *_ in spoken} == i18n.languages()
    for lang, direction, words in spoken:
        assert (i18n.direction(lang), i18n.text(lang, "error.ledger_unavailable")) == (direction, words)
    machine = json.loads((ROOT / "ops/nginx/away.json").read_text())
    assert (machine["code"], machine["status"]) == ("ledger_unavailable", 503)
    busy = re.findall(r"return 429 '(.*)';", (ROOT / "ops/nginx/addresses.conf").read_text())
    assert json.loads(busy[0])["detail"] == i18n.text("en", "error.too_many_requests")
