"""The Kubernetes manifests: valid, whole, and in step with the image, the settings and nginx's files."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

import config
from tests.compose_stack import SBIN, as_nginx, image
from widget import create_app

ROOT = Path(__file__).parents[1]
OPS = ROOT / "ops"
KUSTOMIZATION = yaml.safe_load((OPS / "kustomization.yaml").read_text())
RESOURCES = [
    resource
    for file in KUSTOMIZATION["resources"]
    for resource in yaml.safe_load_all((OPS / file).read_text())
]
VERSIONS = ("1.30", kubernetes_validate.latest_version().rpartition(".")[0])


def names(kind: str) -> set[str]:
    return {one["metadata"]["name"] for one in RESOURCES if one["kind"] == kind}


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what every workload runs, with its name."""
    for one in RESOURCES:
        spec = one["spec"]
        if one["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        if "template" in spec:
            yield one["metadata"]["name"], spec["template"]


def containers() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for _, pod in pods():
        spec = pod["spec"]
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            yield spec, container


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: f"{one['kind']} {one['metadata']['name']}")
def test_each_is_what_kubernetes_takes(resource: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(resource, version, strict=True)


def test_a_slip_would_be_seen() -> None:
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**RESOURCES[0], "specs": {}}, VERSIONS[0], strict=True)


def test_every_file_is_taken_and_every_one_that_is_named_exists() -> None:
    assert set(KUSTOMIZATION["resources"]) == {
        f"kubernetes/{file.name}" for file in (OPS / "kubernetes").glob("*.yaml")
    }
    [nginx] = [one for one in KUSTOMIZATION["configMapGenerator"] if one["name"] == "nginx"]
    given = {name.partition("=")[0].rpartition("/")[2] for name in nginx["files"]}
    assert given == {file.name for file in (OPS / "nginx").iterdir()}
    assert all((OPS / name.rpartition("=")[2]).exists() for name in nginx["files"])


def test_what_is_referred_to_exists() -> None:
    made = {one["name"] for one in KUSTOMIZATION["configMapGenerator"] + KUSTOMIZATION["secretGenerator"]}
    labels = {name: pod["metadata"]["labels"] for name, pod in pods()}
    for one in RESOURCES:
        spec = one["spec"]
        selector = spec.get("selector", {})
        wanted = selector.get("matchLabels", selector)
        assert not wanted or wanted in labels.values(), one
        if "scaleTargetRef" in spec:
            assert spec["scaleTargetRef"]["name"] in names("Deployment")
        for rule in spec.get("rules", []):
            assert {path["backend"]["service"]["name"] for path in rule["http"]["paths"]} <= names("Service")
    for spec, container in containers():
        for source in container.get("envFrom", []):
            assert {value["name"] for value in source.values()} <= made
        volumes = {volume["name"]: volume for volume in spec["volumes"]}
        assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
        claims = (volume.get("persistentVolumeClaim", {}).get("claimName") for volume in volumes.values())
        assert {claim for claim in claims if claim} <= names("PersistentVolumeClaim")


def test_the_settings_are_taken_by_the_service() -> None:
    [settings] = [one for one in KUSTOMIZATION["configMapGenerator"] if one["name"] == "settings"]
    given = dict(one.split("=", 1) for one in settings["literals"])
    asked = set(re.findall(r"^#     ([A-Z_]+)=", (OPS / "kustomization.yaml").read_text(), re.M))
    assert asked | set(given) <= {name for name, *_ in config.described()}
    secret = {
        "SECRET_KEY": "k7Q2mZ9xT4vB1nR8sW5yL3pD6fH0jGcA",
        "DATABASE_URL": "postgresql://u:p@db.example.org/d?sslmode=verify-full",
        "REDIS_URL": "rediss://:p@redis.example.org:6379/0",
        "SMTP_URL": "smtp+starttls://u:p@mail.example.org:587",
    }
    assert asked == set(secret)
    made = config.Settings.from_env(image()[0] | given | secret)
    assert (made.environment, made.mail_worker, made.host) == ("production", "apart", "0.0.0.0")


def test_the_autoscaler_stays_below_what_postgresql_takes() -> None:
    [scaler] = [one for one in RESOURCES if one["kind"] == "HorizontalPodAutoscaler"]
    [settings] = [one for one in KUSTOMIZATION["configMapGenerator"] if one["name"] == "settings"]
    processes = int(dict(one.split("=", 1) for one in settings["literals"])["WEB_CONCURRENCY"])
    threads = int({name: default for name, default, *_ in config.described()}["WEB_THREADS"])
    assert scaler["spec"]["maxReplicas"] * processes * threads < 97  # max_connections, less a few


def test_probes_ask_what_there_is(tmp_path: Path) -> None:
    rules = create_app(config.Settings.from_env({"DATA_DIR": str(tmp_path)})).url_map.iter_rules()
    addresses = {rule.rule for rule in rules}
    for _, container in containers():
        ports = {port["name"] for port in container.get("ports", [])}
        for name, probe in container.items():
            if name.endswith("Probe"):
                asked = probe.get("httpGet") or probe["tcpSocket"]
                assert asked["port"] in ports
                assert asked.get("path", "/healthz") in addresses
                # Taken out for a ledger that is gone, a pod could not show the last known numbers.
                assert asked.get("path") != "/readyz"


def test_nobody_has_more_rights_than_needed() -> None:
    for spec, container in containers():
        assert spec["securityContext"]["runAsNonRoot"]
        assert not spec["automountServiceAccountToken"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]


def test_it_runs_what_the_image_has() -> None:
    ports = {image_ports(container) for _, container in containers() if container["image"] == "support-now"}
    assert ports <= {(), (8000,)}
    user = re.search(r"^USER (\d+)$", (ROOT / "Dockerfile").read_text(), re.M)
    assert user
    for spec, container in containers():
        if container["image"] == "support-now":
            assert spec["securityContext"]["runAsUser"] == int(user.group(1))


def image_ports(container: dict[str, Any]) -> tuple[int, ...]:
    return tuple(port["containerPort"] for port in container.get("ports", []))


@pytest.mark.services
def test_nginx_takes_its_files(tmp_path: Path) -> None:
    """With the Service's name in the place of an address, since there is no cluster to ask."""
    [nginx] = [one for one in KUSTOMIZATION["configMapGenerator"] if one["name"] == "nginx"]
    folder, run = tmp_path / "nginx", tmp_path / "run"
    folder.mkdir()
    run.mkdir()
    for given in nginx["files"]:
        name, _, path = given.rpartition("=")
        text = (OPS / path).read_text().replace("server web:8000", "server 127.0.0.1:8000")
        (folder / (name or Path(path).name)).write_text(text)
    words = ["nginx", "-p", f"{run}/", "-c", f"{folder}/nginx.conf", "-g", "daemon off;"]
    done = subprocess.run(
        [*as_nginx(words), "-t", "-e", "stderr"],
        env={"PATH": f"{os.environ['PATH']}:{SBIN}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
