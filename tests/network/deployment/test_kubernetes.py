"""Kubernetes objects: valid by the published schemas, confined, and without a byte of a secret."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

pytestmark = [pytest.mark.fabric, pytest.mark.timeout(900)]

ORGS = ("operator", "northstar", "harbor")
VERSIONS = ("1.31", "1.37")
PRIVATE = re.compile(r"(keystore|\.key$|secrets/|_sk$)")


def objects(rendered: Path, org: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((rendered / org / "kubernetes.yaml").read_text("utf-8")))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("org", ORGS)
def test_every_object_is_valid(rendered: Path, org: str, version: str) -> None:
    found = objects(rendered, org)
    for one in found:
        kubernetes_validate.validate(one, version, strict=True)
    assert {"Namespace", "StatefulSet", "Service", "PodDisruptionBudget", "NetworkPolicy"} == {
        one["kind"] for one in found
    }


@pytest.mark.parametrize("org", ORGS)
def test_every_pod_is_confined_probed_and_limited(rendered: Path, org: str) -> None:
    for one in objects(rendered, org):
        if one["kind"] != "StatefulSet":
            continue
        pod = one["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not pod["automountServiceAccountToken"]
        for container in (*pod["containers"], *pod["initContainers"]):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert set(container["resources"]) == {"requests", "limits"}
        (main,) = pod["containers"]
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(main)


def test_no_byte_of_a_secret_is_in_them(rendered: Path) -> None:
    for org in ORGS:
        files = [rendered / org / name for name in ("kubernetes.yaml", "secrets.sh", "compose.yaml", ".env")]
        texts = [file.read_text("utf-8") for file in files]
        private = [file for file in (rendered / org).rglob("*") if file.is_file() and PRIVATE.search(str(file))]
        assert len(private) > 5
        for file in private:
            for line in file.read_text("utf-8", errors="replace").split():
                assert len(line) < 16 or line.startswith("-----") or not any(line in text for text in texts), file


@pytest.mark.parametrize("org", ORGS)
def test_every_secret_that_is_named_is_made_by_the_script_out_of_files_that_are_there(
    rendered: Path, org: str, tmp_path: Path
) -> None:
    """`kubectl` here writes down what it is called with, and finds every file."""
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(
        '#!/bin/sh\n[ "$1 $2" = "get secret" ] && exit 1\n'
        'for a in "$@"; do case "$a" in --from-file=*) test -f "${a#*=*=}" || { echo "no ${a#*=*=}" >&2; exit 1; };; '
        f'esac; done\n[ "$1 $2 $3" = "create secret generic" ] && echo "$@" >> {tmp_path}/calls\nexit 0\n',
        encoding="utf-8",
    )
    kubectl.chmod(0o755)
    done = subprocess.run(
        ["sh", str(rendered / org / "secrets.sh"), str(rendered / org)],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    calls = [line.split() for line in (tmp_path / "calls").read_text("utf-8").splitlines()]
    made = {call[3]: {part.split("=")[1] for part in call if part.startswith("--from-")} for call in calls}
    for one in objects(rendered, org):
        if one["kind"] == "StatefulSet":
            for volume in one["spec"]["template"]["spec"]["volumes"]:
                if "secret" in volume:
                    wanted = {item["key"] for item in volume["secret"]["items"]}
                    assert wanted <= made[volume["secret"]["secretName"]]
