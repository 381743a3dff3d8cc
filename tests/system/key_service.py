#!/usr/bin/env python3
"""key_service.py PORT MODE KEY: a stand-in for Vault's Transit engine and for AWS KMS, of the tests' own. It checks
tokens, and signatures by code that is not libcurl's. The file KEY holds its outer key; the file MODE says what it does:
ok, hang, garbage, wrong (another key comes back), long, 503. Each request is a line on standard output."""
import base64, hashlib, hmac, http.server, json, os, sys, time

import sigv4

PORT, MODE, KEY = int(sys.argv[1]), sys.argv[2], sys.argv[3]
TOKEN = "hvs.tests-own-token"
SECRETS = {"KMSTESTS": "never/said+secret"}


def stream(key, nonce, size):
    return b"".join(hashlib.sha256(key + nonce + bytes([i])).digest() for i in range(size // 32 + 1))[:size]


def wrap(plain, key):
    nonce = os.urandom(16)
    hidden = nonce + bytes(a ^ b for a, b in zip(plain, stream(key, nonce, len(plain))))
    return hidden + hmac.new(key, hidden, hashlib.sha256).digest()


def unwrap(sealed, key):
    hidden, tag = sealed[:-32], sealed[-32:]
    if len(hidden) < 16 or not hmac.compare_digest(hmac.new(key, hidden, hashlib.sha256).digest(), tag):
        return None
    return bytes(a ^ b for a, b in zip(hidden[16:], stream(key, hidden[:16], len(hidden) - 16)))


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, text):
        print(self.path, self.headers.get("X-Amz-Target", ""), status, flush=True)
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def vault(self, body, key):
        if not hmac.compare_digest(self.headers.get("X-Vault-Token", ""), TOKEN):
            return 403, {"errors": ["permission denied"]}
        what = self.path.removeprefix("/v1/transit/").split("/")
        if what == ["encrypt", "bibd"]:
            sealed = wrap(base64.b64decode(body["plaintext"], validate=True), key)
            return 200, {"data": {"ciphertext": "vault:v1:" + base64.b64encode(sealed).decode(), "key_version": 1}}
        if what == ["decrypt", "bibd"] and body["ciphertext"].startswith("vault:v1:"):
            plain = unwrap(base64.b64decode(body["ciphertext"][9:], validate=True), key)
            if plain is None:
                return 400, {"errors": ["cipher: message authentication failed"]}
            return 200, {"data": {"plaintext": self.changed(plain)}}
        return 404, {"errors": []}

    def kms(self, raw, body, key):
        why = sigv4.check("POST", self.path, self.headers, raw, SECRETS, "kms")
        if why:
            return 400, {"__type": why}
        if body["KeyId"] != "alias/bibd" or self.headers["Content-Type"] != "application/x-amz-json-1.1":
            return 400, {"__type": "NotFoundException"}
        if self.headers["X-Amz-Target"] == "TrentService.Encrypt":
            sealed = wrap(base64.b64decode(body["Plaintext"], validate=True), key)
            return 200, {"CiphertextBlob": base64.b64encode(sealed).decode(), "KeyId": "arn:aws:kms:x:1:key/1"}
        if self.headers["X-Amz-Target"] == "TrentService.Decrypt":
            plain = unwrap(base64.b64decode(body["CiphertextBlob"], validate=True), key)
            if plain is None:
                return 400, {"__type": "InvalidCiphertextException"}
            return 200, {"KeyId": "arn:aws:kms:x:1:key/1", "Plaintext": self.changed(plain)}
        return 400, {"__type": "UnknownOperationException"}

    def changed(self, plain):
        if self.mode == "wrong":
            plain = bytes(b ^ 1 for b in plain)
        return base64.b64encode(plain).decode()

    def do_POST(self):
        self.mode = open(MODE).read().strip()
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        key = open(KEY, "rb").read()
        if self.mode == "hang":
            time.sleep(60)
        if self.mode in ("garbage", "long", "503"):
            text = {"garbage": '{"data": {"plaintext": "!", "ciphertext": "!"}, "Plaintext": "!"}',
                    "long": "x" * 100000, "503": "sealed"}[self.mode]
            return self.answer(503 if self.mode == "503" else 200, text)
        status, said = self.vault(json.loads(raw), key) if self.path.startswith("/v1/") else \
            self.kms(raw, json.loads(raw), key)
        return self.answer(status, json.dumps(said))


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Service).serve_forever()
