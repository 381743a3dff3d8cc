#!/usr/bin/env bash
# The manual pages are clean, bibd.yaml(5) has every key with its default, and bibd-sql(7) every function, and no
# others; bibd(8) and bibctl(8) have each long option and metric; alert rules and dashboard ask for no others.
set -u
cd "$(dirname "$0")/.." || exit 1
defaults=$(mktemp) || exit 1
trap 'rm -f "$defaults"' EXIT
mandoc -T lint -W warning man/*.[1-9] || exit 1
"${BIBD_BUILD:-.}/bibd" --print-config -f /dev/null >"$defaults" || exit 1
python3 - "$defaults" <<'PY'
import glob, json, os, re, subprocess, sys, yaml
wrong = []

def flatten(tree, path=""):
    for key, value in tree.items():
        if isinstance(value, dict) and value: yield from flatten(value, f"{path}{key}.")
        else: yield path + key, value

have = dict(flatten(yaml.load(open(sys.argv[1]), Loader=yaml.BaseLoader)))
listed, prefix, key = {}, [""], None
for line in open("man/bibd.yaml.5"):
    if line.startswith(".Ss "):
        prefix = {"database.postgres": ["database.postgres."], "p2p and cluster": ["p2p.", "cluster."],
            "database.roles": [f"database.roles.{r}." for r in ("admin", "write", "query", "audit", "monitor")]}.get(
            line[4:].strip(), [""])
    elif line.startswith(".It Ic "): key = line[7:].strip()
    elif line.startswith("Type:") and key:
        for p in prefix: listed[p + key] = re.search(r"default: (.*?); ", line).group(1).replace(r"\(dq", "")
for k in sorted(set(have) | set(listed)):
    if k == "database.postgres.health" or k.startswith("database.postgres.health."): continue
    if k not in listed: wrong.append(f"bibd.yaml(5): {k} is missing")
    elif k not in have: wrong.append(f"bibd.yaml(5): {k} is no key")
    else:
        value = str(have[k]) if have[k] in ([], {}) else have[k]
        if k == "access": value = " and ".join("the group " + r["group"] if "group" in r else r["user"] for r in value)
        if value != listed[k] and not k.endswith("password"):
            wrong.append(f"bibd.yaml(5): {k}: {listed[k]!r} in the page, {have[k]!r} in force")

functions = set(re.findall(r'^FUNCTION\(\d+, "(\w+)", "', open("workers/sqlite/analyze/functions.def").read(), re.M))
functions.add("trim") # which the grammar makes btrim of
page = open("man/bibd-sql.7").read().split(".Ss Functions\n")[1].split("\n.S")[0]
page = set(re.findall(r"[a-z_][a-z_0-9]+", "\n".join(l[4:] for l in page.splitlines() if l.startswith(".Li "))))
wrong += [f"bibd-sql(7): {f} is missing" for f in sorted(functions - page)] + [f"bibd-sql(7): {f} is no function"
    for f in sorted(page - functions)]

def help_of(program, word):
    path = os.path.join(os.environ.get("BIBD_BUILD", "."), program)
    return subprocess.run([path, word], capture_output=True, text=True).stdout

for program in ("bibd", "bibctl"):
    page = open(f"man/{program}.8").read()
    for option in sorted(set(re.findall(r" --([a-z][a-z-]+)", help_of(program, "--help")))):
        if not re.search(rf"Fl -{option}(?![a-z-])", page): wrong.append(f"{program}(8): --{option} is missing")
metrics = set(re.findall(r'\{ "(bibd_\w+)"', "".join(open(p).read() for p in glob.glob("workers/control/shared/*.c"))))
listed = set(re.findall(r"^\.It (bibd_\w+)", open("man/bibctl.8").read(), re.M))
wrong += [f"bibctl(8): {m} is missing" for m in sorted(metrics - listed)] + [f"bibctl(8): {m} is no metric"
    for m in sorted(listed - metrics)]
# The alert rules and the dashboard ask for metrics that there are, and each is a document of its kind.
yaml.safe_load(open("etc/bibd.alerts.yaml")), json.load(open("etc/bibd.grafana.json"))
for path in ("etc/bibd.alerts.yaml", "etc/bibd.grafana.json"):
    asked = {re.sub("_(bucket|sum|count)$", "", m) for m in re.findall(r"bibd_\w+", open(path).read())}
    wrong += [f"{path}: {m} is no metric" for m in sorted(asked - metrics)]
print("\n".join(wrong))
sys.exit(bool(wrong))
PY
