"""python-tuf's own updater reads a repository that thrum-plane made: python tuf_plane.py REPOSITORY [TARGET...]

Starts from the first root, as a gateway that was just installed. Prints a line of JSON: the versions it came to, and length and SHA-256 of
each target as fetched. Exit code 1, with python-tuf's reason, when it refuses anything.
"""
import hashlib
import json
import pathlib
import sys
import tempfile
from urllib.parse import unquote, urlparse

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface, Updater


class Files(FetcherInterface):
    """Serves a folder under http://repository/."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def _fetch(self, url):
        path = self.folder / unquote(urlparse(url).path).lstrip("/")
        if not path.is_file():
            raise DownloadHTTPError("not found", 404)
        return iter([path.read_bytes()])


def main(folder, *targets):
    with tempfile.TemporaryDirectory() as cache:
        updater = Updater(
            metadata_dir=cache, metadata_base_url="http://repository/metadata/", target_dir=cache,
            target_base_url="http://repository/targets/", fetcher=Files(folder),
            bootstrap=(pathlib.Path(folder) / "metadata/1.root.json").read_bytes())
        updater.refresh()
        found = {}
        for target in targets:
            info = updater.get_targetinfo(target)
            if info is None:
                raise SystemExit(f"{target}: python-tuf does not find it")
            data = pathlib.Path(updater.download_target(info)).read_bytes()
            found[target] = [len(data), hashlib.sha256(data).hexdigest()]
        trusted = updater._trusted_set
        versions = {role: getattr(trusted, role).version for role in ("root", "timestamp", "snapshot", "targets")}
        print(json.dumps({"versions": versions, "targets": found}, sort_keys=True))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from error
