"""s3_faults.py PORT UPSTREAM FAULTS: stands on 127.0.0.1:PORT before an S3 server on 127.0.0.1:UPSTREAM, and does to
each request what the next word of the file FAULTS says, which begins anew when it is over: ok; drop (no answer);
lost (done, no answer); slow (no answer for long); 500, 503; cut (half an answer); short, long (an answer whose
length is not the one announced); half (half of what was sent arrives). A first word "old" stands for a server that
knows no conditions, "new" for one that does. Signatures are checked here, and the hashes of what is sent, since
the server behind does neither; the secret of the key S3RVER is S3RVER. Prints a line for each: the word, the
method, the path, and the status."""
import base64
import hashlib
import http.client
import http.server
import sys
import threading
import time

import sigv4

port, upstream, faults = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
lock = threading.Lock()
state = {"n": 0, "words": []}


def next_word():
    with lock:
        words = open(faults).read().split() or ["ok"]
        if words != state["words"]:
            state.update(n=0, words=words)
        conditions = words[0] if words[0] in ("old", "new") else ""
        turn = words[1:] if conditions else words
        state["n"] += 1
        return conditions, turn[(state["n"] - 1) % len(turn)] if turn else "ok"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def forward(self, method, body):
        c = http.client.HTTPConnection("127.0.0.1", upstream, timeout=30)
        c.putrequest(method, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("content-length", "expect", "connection"):
                c.putheader(name, value)
        if body or method in ("PUT", "POST"):
            c.putheader("Content-Length", str(len(body)))
        c.endheaders(body or None)
        answer = c.getresponse()
        data = answer.read()
        c.close()
        return answer.status, [(n, v) for n, v in answer.getheaders()], data

    def say(self, status, headers, data, length=None):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "keep-alive"):
                self.send_header(name, value)
        known = [v for n, v in headers if n.lower() == "content-length"]
        self.send_header("Content-Length", str(length if length is not None else
                                               known[0] if self.command == "HEAD" and known else len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def refuse(self, status, code):
        self.say(status, [("Content-Type", "application/xml")], f"<Error><Code>{code}</Code></Error>".encode())
        return status

    def meet(self, conditions, word, body):
        if word == "drop":
            return self.leave()
        if word == "slow":
            time.sleep(4)
            return self.leave()
        if word in ("500", "503"):
            return self.refuse(int(word), "SlowDown")
        if word == "half" and body:
            body = body[:len(body) // 2]
        md5 = self.headers.get("Content-MD5")
        wrong = sigv4.check(self.command, self.path, self.headers, body, {"S3RVER": "S3RVER"}, "s3")
        if wrong is None and md5 and base64.b64decode(md5) != hashlib.md5(body).digest():
            wrong = "BadDigest"
        if wrong and not (word == "half" and conditions == "old"):
            return self.refuse(400 if wrong in ("BadDigest", "XAmzContentSHA256Mismatch") else 403, wrong)
        if "If-None-Match" in self.headers and conditions == "old":
            return self.refuse(501, "NotImplemented")
        if "If-None-Match" in self.headers and conditions == "new" and self.path in written:
            return self.refuse(412, "PreconditionFailed")
        status, headers, data = self.forward(self.command, body)
        if self.command == "PUT" and status == 200:
            written.add(self.path)
        if word == "lost":
            return self.leave()
        if word == "cut":
            self.say(status, headers, data[:len(data) // 2], len(data))
            return self.leave()
        if word == "short" and self.command != "HEAD":
            self.say(status, headers, data[:len(data) // 2])
        elif word == "long" and self.command != "HEAD":
            self.say(status, headers, data, len(data) + 100)
            return self.leave()
        else:
            self.say(status, headers, data)
        return status

    def leave(self):
        self.close_connection = True
        self.wfile.flush()
        return "-"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        conditions, word = next_word()
        try:
            status = self.meet(conditions, word, body)
        except OSError:
            self.close_connection, status = True, "lost"
        print(word, self.command, self.path, status, flush=True)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer


written = set()
http.server.ThreadingHTTPServer.daemon_threads = True
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
