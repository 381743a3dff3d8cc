"""authority.py IDENTITY CA_CRT DIR: writes DIR/ca.key, the certificate authority's key made again from the node's
identity as bibd(8) says it is, and in DIR certificates that it signs for each NAME=DAYS that follows: NAME.crt and
NAME.key, valid from two days ago until DAYS days from now (negative: over already)."""
import hashlib
import hmac
import subprocess
import sys
from datetime import datetime, timedelta, timezone

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
CONFIGURATION = """[ca]
default_ca = a
[a]
database = {0}/index
new_certs_dir = {0}
serial = {0}/serial
default_md = sha256
policy = p
unique_subject = no
[p]
commonName = supplied
"""


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, **more).stdout


def derive(seed, label, size):
    """HKDF-SHA256 without a salt (RFC 5869)."""
    key, block, out = hmac.digest(b"\0" * 32, seed, "sha256"), b"", b""
    for i in range(1, size // 32 + 2):
        block = hmac.digest(key, block + label + bytes([i]), hashlib.sha256)
        out += block
    return out[:size]


identity, ca, directory, *certificates = sys.argv[1:]
seed = run("openssl", "pkey", "-in", identity, "-outform", "DER")[-32:]
scalar = int.from_bytes(derive(seed, b"bibd certificate authority", 48), "big") % (ORDER - 1) + 1
# ECPrivateKey (RFC 5915) on P-256, without the point
der = bytes.fromhex("30310201010420") + scalar.to_bytes(32, "big") + bytes.fromhex("a00a06082a8648ce3d030107")
pem = run("openssl", "ec", "-inform", "DER", "-outform", "PEM", input=der)
open(f"{directory}/ca.key", "wb").write(pem)
open(f"{directory}/conf", "w").write(CONFIGURATION.format(directory))
open(f"{directory}/index", "w").close()
open(f"{directory}/serial", "w").write("7777\n")
for certificate in certificates:
    name, days = certificate.split("=")
    path = f"{directory}/{name}"
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{path}.key",
        "-out", f"{path}.csr", "-subj", f"/CN={name}")
    now = datetime.now(timezone.utc)
    begin, end = (f"{now + timedelta(days=d):%Y%m%d%H%M%SZ}" for d in (-2, float(days)))
    run("openssl", "ca", "-batch", "-config", f"{directory}/conf", "-cert", ca, "-keyfile", f"{directory}/ca.key",
        "-in",
        f"{path}.csr", "-out", f"{path}.crt", "-notext", "-startdate", begin, "-enddate", end)
