"""Certificates of our own, made by openssl, for servers at 127.0.0.1."""

import subprocess
from pathlib import Path


def make_certificates(folder: Path) -> Path:
    """Make an authority, its certificate for a server at 127.0.0.1, and an authority that signed none."""
    for name in ("ca", "stranger"):
        words = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}")
        _openssl(folder, *words, "-keyout", f"{name}.key", "-out", f"{name}.crt")
    _openssl(
        folder,
        *("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=store"),
        *("-keyout", "server.key", "-out", "server.csr"),
    )
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    _openssl(
        folder,
        *("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"),
        *("-days", "2", "-extfile", "names", "-out", "server.crt"),
    )
    return folder


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
