#!/usr/bin/env python3
"""Holds what was said on a broker against docs/asyncapi.yaml: lines {"topic": .., "payload": hex} on standard input, one JSON object
{"seen": {channel: count}, "problems": [..]} on standard output. `protocol_judge.py --check` looks at the document alone."""
import json
import pathlib
import re
import sys

import jsonschema
import yaml

document = yaml.safe_load((pathlib.Path(__file__).parents[2] / "docs/asyncapi.yaml").read_text())


def target(reference):
    place = document
    for step in reference.removeprefix("#/").split("/"):
        place = place[step]
    return place


def references(node):
    if isinstance(node, dict):
        yield from ([node["$ref"]] if "$ref" in node else [])
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from references(part)


for reference in references(document):
    target(reference)
for name, schema in document["components"]["schemas"].items():
    jsonschema.Draft202012Validator.check_schema(schema)
if "--check" in sys.argv:
    sys.exit()


def validator(schema):
    return jsonschema.Draft202012Validator({**schema, "components": document["components"]})


def channels():
    for name, channel in document["channels"].items():
        message = target(next(iter(channel["messages"].values()))["$ref"])
        checks = {key: validator(message[key]) for key in ("payload", "x-first-line", "x-lines") if key in message}
        yield name, re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(channel["address"])) + "$"), checks


def parts(checks, payload):
    """What is to be checked by what."""
    if "payload" in checks:
        yield checks["payload"], payload
        return
    head, _, body = payload.partition(b"\n")
    yield checks["x-first-line"], head
    if "x-lines" in checks:
        if json.loads(head)["codec"] == "json+zstd":
            import zstandard

            body = zstandard.ZstdDecompressor().decompress(body, max_output_size=1 << 24)
        for line in body.split(b"\n"):
            if line:
                yield checks["x-lines"], line


known, seen, problems = list(channels()), {}, []
for line in sys.stdin:
    said = json.loads(line)
    found = next((entry for entry in known if entry[1].match(said["topic"])), None)
    if found is None:
        problems.append(f"{said['topic']}: no such channel")
        continue
    name, _, checks = found
    seen[name] = seen.get(name, 0) + 1
    if not said["payload"]:
        continue  # a retained message that was taken away
    for check, text in parts(checks, bytes.fromhex(said["payload"])):
        try:
            value = json.loads(text)
        except ValueError as error:
            problems.append(f"{name}: {error}: {text[:80]!r}")
            continue
        for error in check.iter_errors(value):
            problems.append(f"{name}: {'.'.join(str(step) for step in error.absolute_path)} {error.message[:200]}")
print(json.dumps({"seen": seen, "problems": problems}))
