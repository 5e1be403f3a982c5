"""The software bill of materials (SPDX 2.3, JSON) on standard output: `scripts/sbom.py VERSION`.

What is linked in comes from Package.resolved, what is loaded at run time from ldd and dpkg on the machine that builds.
"""
import hashlib
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ("thrumd", "thrum", "thrum-plane")
# As their own LICENSE files say.
LICENCES = {"tomlkit": "MIT"}


def main():
    version = sys.argv[1]
    parts = linked_in() + copied_in() + [toolchain()] + loaded()
    thrum = package("thrum", version, "NOASSERTION", "Apache-2.0 AND GPL-3.0-or-later")
    digest = hashlib.sha256(json.dumps([thrum] + parts, sort_keys=True).encode()).hexdigest()
    relations = [relation("SPDXRef-DOCUMENT", "DESCRIBES", thrum)]
    relations += [relation(thrum["SPDXID"], "DYNAMIC_LINK" if part["SPDXID"].startswith("SPDXRef-deb-") else "STATIC_LINK", part) for part in parts]
    print(json.dumps({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"thrum-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/thrum-{version}-{digest}",
        "creationInfo": {"created": built_at(), "creators": ["Tool: scripts/sbom.py"]},
        "packages": [thrum] + parts, "relationships": relations,
    }, indent=1, sort_keys=True))


def linked_in():
    pins = json.loads((ROOT / "Package.resolved").read_text())["pins"]
    return [package(pin["identity"], pin["state"].get("version", pin["state"]["revision"]), f"git+{pin['location']}@{pin['state']['revision']}",
                    LICENCES.get(pin["identity"], "Apache-2.0"), f"pkg:swift/{re.sub('^https://|[.]git$', '', pin['location'])}@{pin['state'].get('version', '')}")
            for pin in sorted(pins, key=lambda pin: pin["identity"])]


def copied_in():
    """BoringSSL, which two of the packages carry a copy of, each of its own revision: holes are told by that."""
    found = []
    for file in sorted((ROOT / ".build" / "checkouts").glob("*/Sources/*BoringSSL/hash.txt")):
        revision = re.search(r"revision ([0-9a-f]{40})", file.read_text())[1]
        source = "https://boringssl.googlesource.com/boringssl"
        found.append(package(f"boringssl-in-{file.parts[-4]}", revision, f"git+{source}@{revision}", "Apache-2.0", f"pkg:generic/boringssl@{revision}?vcs_url=git%2B{source}"))
    return found


def toolchain():
    said = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout
    return package("swift-runtime", (re.search(r"Swift version (\S+)", said) or ["", "unknown"])[1], "https://www.swift.org", "Apache-2.0 WITH Swift-exception")


def loaded():
    """Debian packages of the shared libraries."""
    paths = set()
    for program in PROGRAMS:
        printed = subprocess.run(["ldd", ROOT / ".build" / "release" / program], capture_output=True, text=True, check=True).stdout
        paths |= set(re.findall(r"=> (\S+)", printed))
    owners = {owner(path) for path in paths} - {None}
    licences = {"libfftw3-single3": "GPL-2.0-or-later", "libmosquitto1": "EPL-2.0 OR BSD-3-Clause", "libsqlite3-0": "blessing",
                "libssl3": "Apache-2.0", "libc6": "LGPL-2.1-or-later", "libstdc++6": "GPL-3.0-or-later WITH GCC-exception-3.1",
                "libgcc-s1": "GPL-3.0-or-later WITH GCC-exception-3.1"}
    return [package(name, version, "NOASSERTION", licences.get(name, "NOASSERTION"), f"pkg:deb/debian/{name}@{version}", "deb-")
            for name, version in sorted(owners)]


def owner(path):
    for candidate in (path, "/usr" + path, path.removeprefix("/usr")):
        found = subprocess.run(["dpkg-query", "-S", candidate], capture_output=True, text=True)
        if found.returncode == 0:
            name = found.stdout.split(":")[0]
            version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True, check=True).stdout
            return name, version
    return None


def package(name, version, location, licence, purl=None, prefix=""):
    entry = {"SPDXID": "SPDXRef-" + prefix + re.sub("[^A-Za-z0-9.-]", "-", name), "name": name, "versionInfo": version,
             "downloadLocation": location, "filesAnalyzed": False, "licenseConcluded": licence, "licenseDeclared": licence, "copyrightText": "NOASSERTION"}
    if purl:
        entry["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]
    return entry


def relation(source, kind, target):
    return {"spdxElementId": source, "relationshipType": kind, "relatedSpdxElement": target["SPDXID"]}


def built_at():
    """When the sources were committed, so that the same sources give the same file."""
    printed = subprocess.run(["git", "log", "-1", "--format=%cd", "--date=format-local:%Y-%m-%dT%H:%M:%SZ"], capture_output=True, text=True, cwd=ROOT, env={"TZ": "UTC", "PATH": "/usr/bin:/bin"})
    return printed.stdout.strip() or "1970-01-01T00:00:00Z"


if __name__ == "__main__":
    main()
