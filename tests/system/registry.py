"""registry.py ROOT PORT SLOWFILE [USER:PASSWORD]: a registry of images on 127.0.0.1 that has one, postgres:15, made
from ROOT, in five layers. While SLOWFILE exists it sends them slowly; with USER:PASSWORD, only to whoever names
both."""
import base64
import hashlib
import http.server
import io
import json
import os
import sys
import tarfile
import time

root, port, slow = sys.argv[1], int(sys.argv[2]), sys.argv[3]
wanted = "Basic " + base64.b64encode(sys.argv[4].encode()).decode() if len(sys.argv) > 4 else None
blobs = {}


def blob(data):
    name = "sha256:" + hashlib.sha256(data).hexdigest()
    blobs[name] = data
    return {"digest": name, "size": len(data)}


def layer(paths, name):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path in paths:
            tar.add(os.path.join(root, path), path)
        note = tarfile.TarInfo(f"etc/layer-{name}")
        note.size = 8 << 20
        tar.addfile(note, io.BytesIO(os.urandom(note.size)))  # what no engine has already
    return blob(out.getvalue())


def image():
    layers = [layer(sorted(os.listdir(root)), 0)] + [layer([], n) for n in range(1, 5)]
    version = os.environ.get("BIBD_TEST_POSTGRES") or "15"
    path = f"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/{version}/bin"
    config = blob(json.dumps({
        "architecture": "amd64", "os": "linux", "config": {"Env": ["PATH=" + path]},
        "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in layers]}}).encode())
    docker = "application/vnd.docker."
    return json.dumps({
        "schemaVersion": 2, "mediaType": docker + "distribution.manifest.v2+json",
        "config": {"mediaType": docker + "container.image.v1+json", **config},
        "layers": [{"mediaType": docker + "image.rootfs.diff.tar", **layer} for layer in layers]}).encode()


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if wanted and self.headers.get("Authorization") != wanted:
            self.reply(401, b'{"errors": [{"code": "UNAUTHORIZED", "message": "who are you?"}]}', "application/json")
            return
        words = self.path.split("/")
        kind, name = "application/octet-stream", words[-1]
        if self.path.rstrip("/") == "/v2":
            data = b"{}"
        elif "/postgres/manifests/" in self.path:
            data, kind = manifest, "application/vnd.docker.distribution.manifest.v2+json"
        else:
            data = blobs.get(name)
        if data is None:
            self.reply(404, b'{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "there is no such image"}]}',
                "application/json")
        else:
            self.reply(200, data, kind)

    do_HEAD = do_GET

    def reply(self, status, data, kind):
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="registry"')
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Docker-Content-Digest", "sha256:" + hashlib.sha256(data).hexdigest())
        self.end_headers()
        at = 0
        while self.command != "HEAD" and at < len(data):
            step = 65536 if os.path.exists(slow) else len(data)
            self.wfile.write(data[at:at + step])
            at += step
            if step < len(data):
                time.sleep(0.05)


manifest = image()
http.server.ThreadingHTTPServer(("127.0.0.1", port), Registry).serve_forever()
